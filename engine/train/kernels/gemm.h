/* Products of matrices, with what follows a product done while its sums are still in registers.

   A block of B, DEPTH rows by COLUMNS columns, is packed into panels of PANEL columns; a block of A, where it does not
   lie well as it is, into tiles of ROWS rows; a tile of A times a panel of B is a tile of C, whose sums are ROWS by two
   registers (Goto & van de Geijn 2008, doi:10.1145/1356052.1356053).

   Tiles at an edge are computed whole and stored in part: what follows a matrix in memory, up to ROWS rows of A, must
   be readable, and is never used. An entry of C is a sum over k in ascending order, block by block, whatever its
   neighbours. */
#pragma once

#include "simd.h"

#define PANEL (2 * LANES)
/* Floats of a cache line. */
#define LINE 16
/* A block of B takes 512 KiB, half of a second-level cache; of A 64. */
#define DEPTH 256
#define COLUMNS 512
#define TALL (64 / ROWS * ROWS)
#define PACK_FLOATS (DEPTH * (COLUMNS + TALL) + TALL + ROWS * PANEL)

/* Entry (i, j) at p[i * row + j * col]; one of the two is 1. */
typedef struct {
    const float *p;
    int64_t row, col;
} matrix;

/* What becomes of sums: SET them; GELU of them, slopes to `other`; TIMES `other`. */
enum finish { SET, GELU, TIMES };

/* A tile of C and what is done with it; `sum`: C holds the sum so far. */
typedef struct {
    float *c, *other;
    int64_t stride, rows, cols;
    int sum;
    enum finish finish;
} tile;

/* One tile, two registers a row or, for at most LANES columns, one; entry (i, k) of A at a[i * row + k * col], B a
   panel. */
ALWAYS void multiply(int wide, int64_t depth, const float *a, int64_t row, int64_t col, const float *b, const tile *t)
{
    vec s[ROWS][2];
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++)
        s[i][0] = s[i][1] = all(0.0f);
    for (int64_t k = 0; k < depth; k++, a += col, b += PANEL) {
        vec b0 = whole(b), b1 = whole(b + LANES);
#pragma GCC unroll 8
        for (int i = 0; i < ROWS; i++) {
            vec x = all(a[i * row]);
            s[i][0] = muladd(x, b0, s[i][0]);
            if (wide)
                s[i][1] = muladd(x, b1, s[i][1]);
        }
    }
    mask m[2] = {lanes(0, t->cols), wide ? lanes(LANES, t->cols) : 0};
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
        if (i == t->rows)
            break;
#pragma GCC unroll 2
        for (int j = 0; j <= wide; j++) {
            float *c = t->c + i * t->stride + j * LANES, *other = t->other + i * t->stride + j * LANES;
            vec v = t->sum ? s[i][j] + load(c, m[j]) : s[i][j];
            if (t->finish == GELU) {
                vec slope;
                v = gelu(v, &slope);
                store(other, m[j], slope);
            } else if (t->finish == TIMES) {
                v *= load(other, m[j]);
            }
            store(c, m[j], v);
        }
    }
}

/* One tile, by as many registers a row as it needs. */
ALWAYS void multiply_tile(int64_t depth, const float *a, int64_t row, int64_t col, const float *b, const tile *t)
{
    if (t->cols > LANES)
        multiply(1, depth, a, row, col, b, t);
    else
        multiply(0, depth, a, row, col, b, t);
}

/* A tile of A whose rows, or whose columns, are contiguous. */
static __attribute__((noinline)) void multiply_rows(int64_t depth, const float *a, int64_t row, const float *b, tile t)
{
    multiply_tile(depth, a, row, 1, b, &t);
}

static __attribute__((noinline)) void multiply_cols(int64_t depth, const float *a, int64_t col, const float *b, tile t)
{
    multiply_tile(depth, a, 1, col, b, &t);
}

/* B [depth, cols], whose rows are contiguous, as panels; row k is multiplied by scale[k] where there is a scale. */
static void pack_rows(float *panels, matrix b, int64_t depth, int64_t cols, const float *scale)
{
    for (int64_t k = 0; k < depth; k++) {
        vec by = all(scale ? scale[k] : 1.0f);
        for (int64_t j = 0; j < cols; j += PANEL) {
            const float *from = b.p + k * b.row + j;
            float *to = panels + j * depth + k * PANEL;
            for (int h = 0; h < PANEL; h += LANES)
                store_whole(to + h, j + h < cols ? by * load(from + h, lanes(j + h, cols)) : all(0.0f));
        }
    }
}

/* The same of a B whose columns are contiguous. */
static void pack_cols(float *panels, matrix b, int64_t depth, int64_t cols)
{
    for (int64_t j = 0; j < cols; j += PANEL)
        for (int h = 0; h < PANEL; h += LANES)
            for (int64_t k = 0; k < depth; k += LANES) {
                vec r[LANES];
                for (int i = 0; i < LANES; i++)
                    r[i] = j + h + i < cols ? load(b.p + (j + h + i) * b.col + k, lanes(k, depth)) : all(0.0f);
                transpose(r);
                for (int i = 0; i < LANES && k + i < depth; i++)
                    store_whole(panels + j * depth + (k + i) * PANEL + h, r[i]);
            }
}

/* B [depth, cols] as panels [depth, PANEL] one after another, filled up with zeros. Only rows that are contiguous can
   be scaled. */
static void pack(float *panels, matrix b, int64_t depth, int64_t cols, const float *scale)
{
    if (b.col == 1)
        pack_rows(panels, b, depth, cols, scale);
    else
        pack_cols(panels, b, depth, cols);
}

/* C [rows, cols], rows `t.stride` apart, from A [rows, depth] and B [depth, cols], whose rows are multiplied by
   `scale` if there is one; `t.c`, `t.other`, `t.sum` and `t.finish` say what is done. `work` has PACK_FLOATS. */
static void product(int64_t rows, int64_t cols, int64_t depth, matrix a, matrix b, const float *scale, tile t,
                    float *work)
{
    float *panels = work, *tiles = work + DEPTH * COLUMNS;
    float *c = t.c, *other = t.other;
    enum finish last = t.finish;
    int64_t blocks = (depth + DEPTH - 1) / DEPTH, deep = (depth + blocks - 1) / blocks;
    for (int64_t k0 = 0; k0 < depth; k0 += deep) {
        int64_t kn = least(deep, depth - k0);
        t.finish = k0 + kn == depth ? last : SET;
        for (int64_t j0 = 0; j0 < cols; j0 += COLUMNS) {
            int64_t jn = least(COLUMNS, cols - j0);
            matrix block = {b.p + k0 * b.row + j0 * b.col, b.row, b.col};
            pack(panels, block, kn, jn, scale ? scale + k0 : 0);
            for (int64_t i0 = 0; i0 < rows; i0 += TALL) {
                int64_t in = least(TALL, rows - i0);
                const float *from = a.p + i0 * a.row + k0 * a.col;
                int64_t row = a.row, next = ROWS * a.row;
                if (a.col != 1) {
                    for (int64_t k = 0; k < kn; k++)
                        for (int64_t i = 0; i < in; i += ROWS)
                            __builtin_memcpy(tiles + i * (kn + 1) + k * ROWS, from + k * a.col + i, sizeof(float[8]));
                    from = tiles, next = ROWS * (kn + 1);
                } else if (a.row % 512 == 0) {
                    /* Rows 2 KiB apart fall on each other in a cache. */
                    for (int64_t i = 0; i < in; i++)
                        for (int64_t k = 0; k < kn; k += LANES)
                            store(tiles + i * kn + k, lanes(k, kn), load(from + i * a.row + k, lanes(k, kn)));
                    from = tiles, row = kn, next = ROWS * kn;
                }
                for (int64_t i = 0; i < in; i += ROWS, from += next)
                    for (int64_t j = 0; j < jn; j += PANEL) {
                        int64_t at = (i0 + i) * t.stride + j0 + j;
                        t.c = c + at, t.other = other + at;
                        t.rows = least(ROWS, in - i), t.cols = least(PANEL, jn - j);
                        /* C is fetched while the sums are made. */
                        for (int r = 0; r < ROWS; r++)
                            for (int l = 0; l < PANEL; l += LINE)
                                __builtin_prefetch(t.c + r * t.stride + l, 1);
                        if (a.col == 1)
                            multiply_rows(kn, from, row, panels + j * kn, t);
                        else
                            multiply_cols(kn, from, ROWS, panels + j * kn, t);
                    }
            }
        }
        t.sum = 1;
    }
}
