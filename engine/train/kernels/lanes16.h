/* Sixteen floats at a time, by AVX-512. */
#pragma once

#include <immintrin.h>

#define LANES 16
/* Rows of a tile of sums: of 32 registers two a row, and three for what is multiplied. */
#define ROWS 8

typedef float vec __attribute__((vector_size(64)));
typedef __mmask16 mask;

ALWAYS vec all(float x) { return _mm512_set1_ps(x); }

/* Which of the lanes from `i` on lie before `n`. */
ALWAYS mask lanes(int64_t i, int64_t n) { return n - i >= LANES ? 0xffff : (mask)((1u << (n - i)) - 1); }

ALWAYS vec whole(const float *p) { return _mm512_loadu_ps(p); }

ALWAYS void store_whole(float *p, vec v) { _mm512_storeu_ps(p, v); }

/* Masked stores are slow on some processors, so whole vectors go another way. */
ALWAYS vec load(const float *p, mask m)
{
    if (m == 0xffff)
        return whole(p);
    return _mm512_maskz_loadu_ps(m, p);
}

ALWAYS void store(float *p, mask m, vec v)
{
    if (m == 0xffff)
        store_whole(p, v);
    else
        _mm512_mask_storeu_ps(p, m, v);
}

/* The greater lane by lane, b where one is no number. */
ALWAYS vec maximum(vec a, vec b) { return _mm512_max_ps(a, b); }

/* v where m says so, else 0; and the greater of a and b where m says so, else a. */
ALWAYS vec keep(mask m, vec v) { return _mm512_maskz_mov_ps(m, v); }
ALWAYS vec greater(mask m, vec a, vec b) { return _mm512_mask_max_ps(a, m, a, b); }

/* a b + c, a b - c, c - a b, rounded once. */
ALWAYS vec muladd(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
ALWAYS vec mulsub(vec a, vec b, vec c) { return _mm512_fmsub_ps(a, b, c); }
ALWAYS vec submul(vec a, vec b, vec c) { return _mm512_fnmadd_ps(a, b, c); }

ALWAYS float sum_of(vec v) { return _mm512_reduce_add_ps(v); }
ALWAYS float most_of(vec v) { return _mm512_reduce_max_ps(v); }

/* Neighbours change places. */
ALWAYS vec neighbours(vec v) { return _mm512_permute_ps(v, 0xb1); }

ALWAYS vec magnitude(vec v) { return _mm512_abs_ps(v); }

ALWAYS vec nearest(vec v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

/* v times two to the power of n, which are whole numbers. */
ALWAYS vec times_power(vec v, vec n) { return _mm512_scalef_ps(v, n); }

/* a where u is 0 or more, else b. */
ALWAYS vec by_sign(vec u, vec a, vec b)
{
    return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(u, all(0.0f), _CMP_GE_OQ), a);
}

/* In place: sixteen vectors become their sixteen columns. */
ALWAYS void transpose(vec r[LANES])
{
    vec t[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
#define PAIR(f, a, b) _mm512_castpd_ps(f(_mm512_castps_pd(a), _mm512_castps_pd(b)))
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        r[i] = PAIR(_mm512_unpacklo_pd, t[i], t[i + 2]);
        r[i + 1] = PAIR(_mm512_unpackhi_pd, t[i], t[i + 2]);
        r[i + 2] = PAIR(_mm512_unpacklo_pd, t[i + 1], t[i + 3]);
        r[i + 3] = PAIR(_mm512_unpackhi_pd, t[i + 1], t[i + 3]);
    }
#undef PAIR
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0xdd);
    }
}
