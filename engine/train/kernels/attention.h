/* Causal attention with rotary positions, a head of a sequence at a time; the square of its weights is kept.

   Scores to the right of the diagonal are computed only within a tile, and weights there are 0. */
#pragma once

#include "gemm.h"

/* One head of one sequence: T positions of K features, rows `stride` apart in q, k, v and `wide` in out. */
typedef struct {
    int64_t length, features, stride, wide;
    float scale;
    /* cos and sin of the angles by position and feature, [T, K]; sin of even features negative. */
    const float *cos, *sin;
    /* Overwritten with their gradients by the backward pass. */
    float *q, *k, *v;
    /* [T, T], and the output or its gradient. */
    float *weights, *out;
} head;

static int64_t up_to(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

/* Floats of one [T, K], as rows or as panels of columns, whichever takes more, and of the whole scratch. */
static int64_t head_side(int64_t length, int64_t features)
{
    return up_to(length, PANEL) * up_to(features, PANEL);
}

static int64_t head_floats(int64_t length, int64_t features)
{
    return 7 * head_side(length, features) + (length + ROWS) * length;
}

/* Neighbouring features of x as complex numbers times exp(i angle), or by its conjugate, times `by`. */
static void rotate(const head *h, const float *x, int64_t from, float *y, int64_t to, float by, int back)
{
    for (int64_t t = 0; t < h->length; t++)
        for (int64_t j = 0; j < h->features; j += LANES) {
            mask m = lanes(j, h->features);
            vec v = load(x + t * from + j, m), crossed = neighbours(v);
            vec s = crossed * load(h->sin + t * h->features + j, m);
            vec c = load(h->cos + t * h->features + j, m);
            v = back ? mulsub(v, c, s) : muladd(v, c, s);
            store(y + t * to + j, m, v * all(by));
        }
}

/* Tiles of C [T, cols], rows `ldc` apart, of A's rows times panels; depth or columns end at the diagonal. */
static void lower(const head *h, const float *a, int64_t lda, const float *panels, int64_t depth, int64_t cols,
                  float *c, int64_t ldc, int square)
{
    for (int64_t i = 0; i < h->length; i += ROWS) {
        int64_t rows = least(ROWS, h->length - i), end = i + rows;
        int64_t deep = square ? depth : end, wide = square ? end : cols;
        for (int64_t j = 0; j < wide; j += PANEL) {
            tile t = {.c = c + i * ldc + j, .other = c, .stride = ldc, .rows = rows, .cols = least(PANEL, wide - j)};
            multiply_rows(deep, a + i * lda, lda, panels + j * depth, t);
        }
    }
}

/* C [T, K] = A^T B where A [T, T] has nothing right of the diagonal and B is packed. */
static void upper(const head *h, const float *a, const float *panels, float *c, int64_t ldc)
{
    for (int64_t i = 0; i < h->length; i += ROWS) {
        int64_t rows = least(ROWS, h->length - i);
        for (int64_t j = 0; j < h->features; j += PANEL) {
            int64_t cols = least(PANEL, h->features - j);
            tile t = {.c = c + i * ldc + j, .other = c, .stride = ldc, .rows = rows, .cols = cols};
            multiply_cols(h->length - i, a + i * h->length + i, h->length, panels + j * h->length + i * PANEL, t);
        }
    }
}

/* Where the tile of row t ends. */
static int64_t tile_end(const head *h, int64_t t) { return least(t / ROWS * ROWS + ROWS, h->length); }

/* Softmax of scores over the past; 0 from there to the end of the tile. */
static void past_softmax(const head *h)
{
    for (int64_t t = 0; t < h->length; t++) {
        float *w = h->weights + t * h->length;
        int64_t end = tile_end(h, t);
        float sum = exponentials(w, t + 1, end);
        scale(w, end, 1.0f / sum);
    }
}

/* Gradients of scores from those of weights, in their place. */
static void past_softmax_backward(const head *h, float *dweights)
{
    for (int64_t t = 0; t < h->length; t++) {
        float *w = h->weights + t * h->length, *d = dweights + t * h->length;
        int64_t end = tile_end(h, t);
        vec sum = all(0.0f);
        for (int64_t j = 0; j < end; j += LANES)
            sum = muladd(load(w + j, lanes(j, end)), load(d + j, lanes(j, end)), sum);
        sum = all(sum_of(sum));
        for (int64_t j = 0; j < end; j += LANES) {
            mask m = lanes(j, end);
            store(d + j, m, load(w + j, m) * (load(d + j, m) - sum));
        }
    }
}

static void head_forward(const head *h, float *work)
{
    int64_t side = head_side(h->length, h->features), T = h->length, K = h->features;
    float *q = work, *k = q + side, *panels = k + side;
    rotate(h, h->q, h->stride, q, K, h->scale, 0);
    rotate(h, h->k, h->stride, k, K, 1.0f, 0);
    pack(panels, (matrix){k, 1, K}, K, T, 0);
    lower(h, q, K, panels, K, T, h->weights, T, 1);
    past_softmax(h);
    pack(panels, (matrix){h->v, h->stride, 1}, T, K, 0);
    lower(h, h->weights, T, panels, T, K, h->out, h->wide, 0);
}

/* Gradients of q, k and v in their place, from that of the output. */
static void head_backward(const head *h, float *work)
{
    int64_t side = head_side(h->length, h->features), T = h->length, K = h->features;
    float *q = work, *k = q + side, *dout = k + side, *panels = dout + side, *dq = panels + side, *dk = dq + side;
    float *dweights = dk + 2 * side;
    rotate(h, h->q, h->stride, q, K, h->scale, 0);
    rotate(h, h->k, h->stride, k, K, 1.0f, 0);
    for (int64_t t = 0; t < T; t++)
        for (int64_t j = 0; j < K; j += LANES)
            store(dout + t * K + j, lanes(j, K), load(h->out + t * h->wide + j, lanes(j, K)));
    pack(panels, (matrix){h->v, 1, h->stride}, K, T, 0);
    lower(h, dout, K, panels, K, T, dweights, T, 1);
    pack(panels, (matrix){dout, K, 1}, T, K, 0);
    upper(h, h->weights, panels, h->v, h->stride);
    past_softmax_backward(h, dweights);
    pack(panels, (matrix){k, K, 1}, T, K, 0);
    lower(h, dweights, T, panels, T, K, dq, K, 0);
    pack(panels, (matrix){q, K, 1}, T, K, 0);
    upper(h, dweights, panels, dk, K);
    rotate(h, dq, K, h->q, h->stride, h->scale, 1);
    rotate(h, dk, K, h->k, h->stride, 1.0f, 1);
}
