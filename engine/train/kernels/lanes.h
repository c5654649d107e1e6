/* LANES floats at a time, eight or four, by the vectors of GCC and Clang; with AVX2 a few instructions that these do
   not choose by themselves. See lanes16.h for what each function gives. */
#pragma once

#ifdef AVX2
#include <immintrin.h>
#define LANES 8
#else
#define LANES 4
#endif
/* Rows of a tile of sums, two registers each: x86-64 has sixteen registers here, others 32. */
#ifdef __x86_64__
#define ROWS 6
#else
#define ROWS 8
#endif

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));
/* How many lanes, of those from the first on. */
typedef int64_t mask;

ALWAYS vec all(float x) { return x - (vec){0}; }

ALWAYS mask lanes(int64_t i, int64_t n) { return least(LANES, n - i); }

/* All bits of the first m lanes. */
ALWAYS ints first(mask m)
{
#ifdef AVX2
    ints place = {0, 1, 2, 3, 4, 5, 6, 7};
#else
    ints place = {0, 1, 2, 3};
#endif
    return place < (int32_t)m - (ints){0};
}

/* Lane by lane a where all bits of `yes` are set, b where none is. */
#ifdef AVX2
ALWAYS vec choose(ints yes, vec a, vec b) { return _mm256_blendv_ps(b, a, (vec)yes); }
ALWAYS vec maximum(vec a, vec b) { return _mm256_max_ps(a, b); }
#else
ALWAYS vec choose(ints yes, vec a, vec b) { return (vec)((yes & (ints)a) | (~yes & (ints)b)); }
ALWAYS vec maximum(vec a, vec b) { return choose(a > b, a, b); }
#endif

ALWAYS vec whole(const float *p)
{
    vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

ALWAYS void store_whole(float *p, vec v) { __builtin_memcpy(p, &v, sizeof v); }

ALWAYS vec load(const float *p, mask m)
{
    if (m == LANES)
        return whole(p);
#ifdef AVX2
    return _mm256_maskload_ps(p, (__m256i)first(m));
#else
    return (vec){m > 0 ? p[0] : 0, m > 1 ? p[1] : 0, m > 2 ? p[2] : 0, 0};
#endif
}

ALWAYS void store(float *p, mask m, vec v)
{
    if (m == LANES)
        store_whole(p, v);
    else
#ifdef AVX2
        _mm256_maskstore_ps(p, (__m256i)first(m), v);
#else
        for (int i = 0; i < LANES - 1; i++)
            if (i < m)
                p[i] = v[i];
#endif
}

ALWAYS vec keep(mask m, vec v) { return m == LANES ? v : (vec)(first(m) & (ints)v); }

ALWAYS vec greater(mask m, vec a, vec b) { return m == LANES ? maximum(a, b) : choose(first(m), maximum(a, b), a); }

#ifdef AVX2
ALWAYS vec muladd(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
ALWAYS vec mulsub(vec a, vec b, vec c) { return _mm256_fmsub_ps(a, b, c); }
ALWAYS vec submul(vec a, vec b, vec c) { return _mm256_fnmadd_ps(a, b, c); }
#else
/* Rounded once where the processor can: GCC does so by default. */
#ifdef __clang__
#pragma STDC FP_CONTRACT ON
#endif
ALWAYS vec muladd(vec a, vec b, vec c) { return a * b + c; }
ALWAYS vec mulsub(vec a, vec b, vec c) { return a * b - c; }
ALWAYS vec submul(vec a, vec b, vec c) { return c - a * b; }
#endif

ALWAYS float sum_of(vec v)
{
#ifdef AVX2
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
#else
    return (v[0] + v[2]) + (v[1] + v[3]);
#endif
}

ALWAYS float most_of(vec v)
{
    float most = v[0];
    for (int i = 1; i < LANES; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

ALWAYS vec neighbours(vec v)
{
#ifdef AVX2
    return _mm256_permute_ps(v, 0xb1);
#else
    return (vec){v[1], v[0], v[3], v[2]};
#endif
}

ALWAYS vec magnitude(vec v) { return (vec)((ints)v & 0x7fffffff); }

/* A float this large holds whole numbers alone, in its lowest bits. */
#define WHOLE 12582912.0f

ALWAYS vec nearest(vec v) { return (v + all(WHOLE)) - all(WHOLE); }

ALWAYS vec times_power(vec v, vec n) { return v * (vec)(((words)(n + all(WHOLE)) << 23) + (127u << 23)); }

ALWAYS vec by_sign(vec u, vec a, vec b) { return choose(u >= all(0.0f), a, b); }

ALWAYS void transpose(vec r[LANES])
{
    vec t[LANES];
#ifdef AVX2
#pragma GCC unroll 4
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        t[i] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x20);
        t[i + 4] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x31);
    }
#else
    for (int i = 0; i < 4; i++)
        t[i] = (vec){r[0][i], r[1][i], r[2][i], r[3][i]};
#endif
    for (int i = 0; i < LANES; i++)
        r[i] = t[i];
}
