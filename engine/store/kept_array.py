"""Arrays in files of numpy's format: read without pickles, and whatever is wrong with one is one error."""

from __future__ import annotations

import tokenize
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

#: What numpy raises at a file that is damaged.
_DAMAGES = (ValueError, EOFError, SyntaxError, TypeError, OverflowError, MemoryError, RecursionError)


def read_array(file: Path | IO[bytes], *, mapped: bool = False) -> NDArray[Any]:
    """The array of a file; `mapped` leaves it on disk.

    Raises:
        ValueError: It is no array in numpy's format, or not a whole one.
        OSError: It is not there, or cannot be read.
    """
    try:
        found = np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (*_DAMAGES, tokenize.TokenError) as error:
        raise ValueError(f"it is no whole array: {error}") from error
    if not isinstance(found, np.ndarray):
        raise ValueError("it is no array")
    return found
