"""Sizes of tiles: functions of a model's shape and the kind of GPU alone, since its bits depend on them."""

from __future__ import annotations

from dataclasses import dataclass


def power_of_two(n: int) -> int:
    """The least power of two that is n or more."""
    return 1 << max(0, n - 1).bit_length()


#: Numbers that a program of a norm holds, of a row and of the rows beside it.
NORM_TILE = 4096
#: Numbers of a block of the update, and spans that a row's sum of squares is taken in at most.
UPDATE_BLOCK, UPDATE_PARTS = 2048, 256
#: Logits of a token at a time.
ENTROPY_BLOCK = 2048
#: Rows and columns of a tile that is added up along its rows.
SUM_ROWS, SUM_COLS = 64, 32
#: Rows of one token added up at a time.
TOKEN_ROWS = 16
#: Sides of a tile of a product at most, and the depth of a block. Before compute capability 9, whose tensor cores read
#: factors from shared memory, 128 columns spill registers.
PRODUCT_SIDE, EARLIER_COLUMNS, PRODUCT_DEPTH = 128, 64, 32
#: The least side of a tensor core's product.
LEAST_SIDE = 16
#: Rows of a factor that a tensor core reads from shared memory.
SHARED_ROWS = 64
#: Sides of a product's tile from which it takes eight warps.
LARGE_TILE = 128 * 64


@dataclass(frozen=True)
class ProductTile:
    """A tile of C, rows by columns, and the depth of its blocks."""

    BR: int
    BC: int
    BK: int

    @property
    def warps(self) -> int:
        """Warps of a program."""
        return 8 if self.BR * self.BC >= LARGE_TILE else 4

    def programs(self, rows: int, cols: int) -> int:
        """Tiles of C."""
        return -(-rows // self.BR) * -(-cols // self.BC)


def product_tile(rows: int, cols: int, depth: int, capability: int = 90) -> ProductTile:
    """The tile of a product's shape, on GPUs of a compute capability, as sm_90 has it."""
    high, across = (min(PRODUCT_SIDE, max(LEAST_SIDE, power_of_two(n))) for n in (rows, cols))
    across = across if capability >= 90 else min(across, EARLIER_COLUMNS)
    return ProductTile(high, across, PRODUCT_DEPTH if depth > LEAST_SIDE else LEAST_SIDE)


def norm_rows(wide: int) -> int:
    """Rows of a norm at a time, of which `wide` numbers each are held."""
    return max(1, min(64, NORM_TILE // wide))


def update_span(n: int) -> int:
    """Numbers of which one program adds up the squares, of a row of n."""
    return max(UPDATE_BLOCK, power_of_two(-(-n // UPDATE_PARTS)))


def attention_tile(length: int, features: int) -> tuple[int, int]:
    """Tokens and features of a tile; halves of its features are a product's depth."""
    return max(LEAST_SIDE, power_of_two(length)), max(2 * LEAST_SIDE, power_of_two(features))


def attention_queries(tile: int, capability: int = 90) -> int:
    """Queries of a block of attention's backward pass. More spill registers, but where a tensor core, from compute
    capability 9 on, reads factors of so many rows from shared memory.
    """
    return tile if capability >= 90 and tile >= SHARED_ROWS else LEAST_SIDE
