/* One decoder-only transformer: its logits, or the gradients of its mean loss, on one core in float32.

   The model is that of `engine/train/families/transformer.py`. One call takes one model through one step, a part of the
   batch after another, over a workspace that stays in the caches meanwhile; what follows a product is done while its
   sums are in registers.

   Compiled once for each kind of vector, which `NAME` adds to the names that Python calls.

   Axes: B batch, T time, N = B T, M width, H heads, F hidden, V vocabulary. */
#pragma once

#include <string.h>

#include "attention.h"
#include "norm.h"
#include "shape.h"

/* What a block keeps for its backward pass. */
typedef struct {
    float *attn_hat, *attn_rstd, *qkv, *weights, *mixed, *mlp_hat, *mlp_rstd, *act, *slope;
} saved;

typedef struct {
    float *x, *dx, *dh, *hat, *rstd, *gain, *h, *logits, *head, *pack;
    saved blocks[];
} space;

/* The next `n` floats of a workspace from place `*at` on: on a cache line, and not a power of two from the last. With
   no workspace only the place moves. */
static float *take(float *work, int64_t *at, int64_t n)
{
    int64_t from = *at;
    *at += up_to(n, LINE) + 5 * LINE;
    return work ? work + from : 0;
}

/* Set out a workspace; how many floats it needs. Blocks share one set of what they keep where nothing is trained. */
static int64_t set_out(const shape *s, float *work, space *to, int training)
{
    int64_t at = 0, n = s->part * s->length + ROWS, m = s->width, features = m / s->heads;
    to->x = take(work, &at, n * m);
    to->dx = take(work, &at, training ? n * m : 0);
    to->dh = take(work, &at, training ? n * m : 0);
    to->hat = take(work, &at, n * m);
    to->rstd = take(work, &at, n);
    to->gain = take(work, &at, m);
    to->h = take(work, &at, n * m);
    to->logits = take(work, &at, training ? (s->block + ROWS) * s->vocab : 0);
    to->head = take(work, &at, head_floats(s->length, features));
    to->pack = take(work, &at, PACK_FLOATS);
    for (int64_t i = 0; i < s->layers; i++) {
        saved *b = &to->blocks[i];
        if (i > 0 && !training) {
            *b = to->blocks[0];
            continue;
        }
        b->attn_hat = take(work, &at, n * m);
        b->attn_rstd = take(work, &at, n);
        b->qkv = take(work, &at, n * 3 * m);
        b->weights = take(work, &at, n * s->heads * s->length);
        b->mixed = take(work, &at, n * m);
        b->mlp_hat = take(work, &at, n * m);
        b->mlp_rstd = take(work, &at, n);
        b->act = take(work, &at, n * s->hidden);
        b->slope = take(work, &at, n * s->hidden);
    }
    return at;
}

/* C [N, cols] = or += A [N, depth] W, W [depth, cols] with rows times `gain` if there is one. */
static void forward_product(const shape *s, float *c, const float *a, const float *w, int64_t depth, int64_t cols,
                            const float *gain, int add, float *slope, space *at)
{
    tile t = {.c = c, .other = slope ? slope : c, .stride = cols, .sum = add, .finish = slope ? GELU : SET};
    product(s->batch * s->length, cols, depth, (matrix){a, depth, 1}, (matrix){w, cols, 1}, gain, t, at->pack);
}

/* dW [depth, cols] = or += A^T dC, and dA [N, depth] = dC W^T, times `by` if there is one. */
static void backward_product(const shape *s, const float *dc, const float *a, const float *w, float *dw, int add,
                             float *da, int64_t depth, int64_t cols, float *by, space *at)
{
    int64_t n = s->batch * s->length;
    tile tw = {.c = dw, .other = dw, .stride = cols, .sum = add};
    tile ta = {.c = da, .other = by ? by : da, .stride = depth, .finish = by ? TIMES : SET};
    product(depth, cols, n, (matrix){a, 1, depth}, (matrix){dc, cols, 1}, 0, tw, at->pack);
    product(n, depth, cols, (matrix){dc, cols, 1}, (matrix){w, 1, cols}, 0, ta, at->pack);
}

/* From the gradient of diag(g) W, W [depth, cols], those of g and of W, the latter in its place. */
static void unfold(int64_t depth, int64_t cols, const float *gain, const float *w, float *dgain, float *dw)
{
    for (int64_t i = 0; i < depth; i++, w += cols, dw += cols) {
        vec sum = all(0.0f);
        for (int64_t j = 0; j < cols; j += LANES) {
            mask m = lanes(j, cols);
            vec d = load(dw + j, m);
            sum = muladd(d, load(w + j, m), sum);
            store(dw + j, m, d * all(gain[i]));
        }
        dgain[i] = sum_of(sum);
    }
}

/* All heads of all sequences of a block; the output, or its gradient, lies in `out`. */
static void attend(const shape *s, const saved *b, float *out, int backward, space *at)
{
    int64_t m = s->width, features = m / s->heads, T = s->length;
    for (int64_t item = 0; item < s->batch * s->heads; item++) {
        int64_t row = item / s->heads * T, column = item % s->heads * features;
        float *q = b->qkv + row * 3 * m + column;
        head h = {.length = T, .features = features, .stride = 3 * m, .wide = m, .scale = s->score_scale,
                  .cos = s->cos, .sin = s->sin, .q = q, .k = q + m, .v = q + 2 * m,
                  .weights = b->weights + item * T * T, .out = out + row * m + column};
        if (backward)
            head_backward(&h, at->head);
        else
            head_forward(&h, at->head);
    }
}

/* The residual stream, its last norm, and that with its gain, h. */
static void forward(const shape *s, const float *params, const int64_t *tokens, space *at)
{
    int64_t n = s->batch * s->length, m = s->width, f = s->hidden;
    const int64_t *last = s->places + s->layers * BLOCK_PLACES;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j += LANES) {
            const float *row = params + last[EMBED] + tokens[i] * m;
            store(at->x + i * m + j, lanes(j, m), load(row + j, lanes(j, m)) * all(s->embed_scale));
        }
    for (int64_t i = 0; i < s->layers; i++) {
        const int64_t *p = s->places + i * BLOCK_PLACES;
        const saved *b = &at->blocks[i];
        norm(n, m, s->norm_eps, at->x, b->attn_hat, b->attn_rstd);
        forward_product(s, b->qkv, b->attn_hat, params + p[QKV], m, 3 * m, params + p[NORM_ATTN], 0, 0, at);
        attend(s, b, b->mixed, 0, at);
        forward_product(s, at->x, b->mixed, params + p[ATTN_OUT], m, m, 0, 1, 0, at);
        norm(n, m, s->norm_eps, at->x, b->mlp_hat, b->mlp_rstd);
        forward_product(s, b->act, b->mlp_hat, params + p[UP], m, f, params + p[NORM_MLP], 0, b->slope, at);
        forward_product(s, at->x, b->act, params + p[DOWN], f, m, 0, 1, 0, at);
    }
    norm(n, m, s->norm_eps, at->x, at->hat, at->rstd);
    for (int64_t j = 0; j < m; j++)
        at->gain[j] = params[last[NORM_OUT] + j] * s->logit_scale;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j += LANES) {
            mask k = lanes(j, m);
            store(at->h + i * m + j, k, load(at->hat + i * m + j, k) * load(at->gain + j, k));
        }
}

/* Logits of `rows` tokens from token `from` on. */
static void logits_of(const shape *s, const float *params, int64_t from, int64_t rows, float *logits, space *at)
{
    int64_t m = s->width;
    const float *w = params + s->places[s->layers * BLOCK_PLACES + HEAD];
    tile t = {.c = logits, .other = logits, .stride = s->vocab};
    product(rows, s->vocab, m, (matrix){at->h + from * m, m, 1}, (matrix){w, 1, m}, 0, t, at->pack);
}

/* Of one token, logits to the gradient of `share` times its loss; the probability of the target. */
static float cross_entropy(float *logits, int64_t vocab, int64_t target, float share)
{
    float total = exponentials(logits, vocab, vocab), prob = logits[target] / total;
    scale(logits, vocab, share / total);
    logits[target] -= share;
    return prob;
}

/* Loss and gradients of the head, a block of tokens at a time: of h, of the gain and of the matrix, these two added to
   those of the parts before where `add` says so. */
static void head_step(const shape *s, const float *params, float *grads, const int64_t *targets, float *prob,
                      float share, int add, space *at)
{
    int64_t n = s->batch * s->length, m = s->width, v = s->vocab;
    const int64_t *last = s->places + s->layers * BLOCK_PLACES;
    const float *w = params + last[HEAD];
    float *dw = grads + last[HEAD], *dgain = grads + last[NORM_OUT];
    for (int64_t from = 0; from < n; from += s->block) {
        int64_t rows = least(s->block, n - from);
        logits_of(s, params, from, rows, at->logits, at);
        for (int64_t i = 0; i < rows; i++)
            prob[from + i] = cross_entropy(at->logits + i * v, v, targets[from + i], share);
        float *h = at->h + from * m, *dh = at->dh + from * m;
        tile th = {.c = dh, .other = dh, .stride = m}, tw = {.c = dw, .other = dw, .stride = m, .sum = add || from > 0};
        product(rows, m, v, (matrix){at->logits, v, 1}, (matrix){w, m, 1}, 0, th, at->pack);
        product(v, m, rows, (matrix){at->logits, 1, v}, (matrix){h, m, 1}, 0, tw, at->pack);
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j += LANES) {
            mask k = lanes(j, m);
            vec d = load(at->dh + i * m + j, k) * all(s->logit_scale);
            vec sum = add || i > 0 ? load(dgain + j, k) : all(0.0f);
            store(dgain + j, k, muladd(d, load(at->hat + i * m + j, k), sum));
        }
}

/* Gradients of a part of the batch from that of h, of matrices behind a norm as `unfold` wants them; `add`: added to
   those of the parts before. */
static void backward(const shape *s, const float *params, float *grads, const int64_t *tokens, int add, space *at)
{
    int64_t n = s->batch * s->length, m = s->width, f = s->hidden;
    const int64_t *last = s->places + s->layers * BLOCK_PLACES;
    norm_backward(n, m, at->dh, at->gain, at->hat, at->rstd, at->dx, 0);
    for (int64_t i = s->layers - 1; i >= 0; i--) {
        const int64_t *p = s->places + i * BLOCK_PLACES;
        const saved *b = &at->blocks[i];
        backward_product(s, at->dx, b->act, params + p[DOWN], grads + p[DOWN], add, b->act, f, m, b->slope, at);
        backward_product(s, b->act, b->mlp_hat, params + p[UP], grads + p[UP], add, at->dh, m, f, 0, at);
        norm_backward(n, m, at->dh, params + p[NORM_MLP], b->mlp_hat, b->mlp_rstd, at->dx, 1);
        backward_product(s, at->dx, b->mixed, params + p[ATTN_OUT], grads + p[ATTN_OUT], add, at->dh, m, m, 0, at);
        attend(s, b, at->dh, 1, at);
        backward_product(s, b->qkv, b->attn_hat, params + p[QKV], grads + p[QKV], add, at->dh, m, 3 * m, 0, at);
        norm_backward(n, m, at->dh, params + p[NORM_ATTN], b->attn_hat, b->attn_rstd, at->dx, 1);
    }
    if (!add && last[EMBED] != last[HEAD])
        memset(grads + last[EMBED], 0, s->vocab * m * sizeof(float));
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j += LANES) {
            mask k = lanes(j, m);
            float *row = grads + last[EMBED] + tokens[i] * m + j;
            store(row, k, muladd(load(at->dx + i * m + j, k), all(s->embed_scale), load(row, k)));
        }
}

/* What is left of a batch from sequence `from` on, at most a part of it. */
static shape part_from(const shape *s, int64_t from)
{
    shape part = *s;
    part.batch = least(s->part, s->batch - from);
    return part;
}

/* A space with its blocks, on the stack of the caller. */
#define ROOM(s) ((space *)__builtin_alloca(sizeof(space) + (s)->layers * sizeof(saved)))

/* --- what Python calls -------------------------------------------------------------------------------------------- */

int64_t NAME(workspace)(const shape *s, int training)
{
    return set_out(s, 0, ROOM(s), training);
}

/* Gradients of the mean loss over tokens [B, T] with targets [B, T]; each target's probability into `prob` [B, T]. */
void NAME(gradients)(const shape *s, const float *params, float *grads, const int64_t *tokens, const int64_t *targets,
                     float *prob, float *work)
{
    space *at = ROOM(s);
    set_out(s, work, at, 1);
    for (int64_t from = 0; from < s->batch; from += s->part) {
        int64_t place = from * s->length;
        shape part = part_from(s, from);
        forward(&part, params, tokens + place, at);
        head_step(&part, params, grads, targets + place, prob + place, 1.0f / (s->batch * s->length), from > 0, at);
        backward(&part, params, grads, tokens + place, from > 0, at);
    }
    for (int64_t i = 0; i < s->layers; i++) {
        const int64_t *p = s->places + i * BLOCK_PLACES;
        unfold(s->width, 3 * s->width, params + p[NORM_ATTN], params + p[QKV], grads + p[NORM_ATTN], grads + p[QKV]);
        unfold(s->width, s->hidden, params + p[NORM_MLP], params + p[UP], grads + p[NORM_MLP], grads + p[UP]);
    }
}

/* Logits [B T, V]. */
void NAME(logits)(const shape *s, const float *params, const int64_t *tokens, float *to, float *work)
{
    space *at = ROOM(s);
    set_out(s, work, at, 0);
    for (int64_t from = 0; from < s->batch; from += s->part) {
        int64_t place = from * s->length;
        shape part = part_from(s, from);
        forward(&part, params, tokens + place, at);
        logits_of(&part, params, 0, part.batch * s->length, to + place * s->vocab, at);
    }
}
