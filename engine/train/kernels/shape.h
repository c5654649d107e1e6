/* The shape of a model, as Python gives it. */
#pragma once

#include <stdint.h>

/* As `Shape` of kernel_shape.py has it: batches of `batch` sequences of `length` tokens, `part` of them at a time;
   logits of `block` tokens at a time. */
typedef struct {
    int64_t batch, part, length, width, heads, hidden, layers, vocab, block;
    float score_scale, logit_scale, embed_scale, norm_eps;
    /* Rotary cos and sin, [T, M / H], as attention.h has them. */
    const float *cos, *sin;
    /* Where tensors lie in a row of parameters: norm_attn, qkv, attn_out, norm_mlp, up, down of each block; then
       norm_out, embed and head. */
    const int64_t *places;
} shape;

enum place { NORM_ATTN, QKV, ATTN_OUT, NORM_MLP, UP, DOWN, BLOCK_PLACES };
enum last_place { NORM_OUT, EMBED, HEAD };
