/* What is made of vectors of LANES floats: exp, softmax's numerators, and GELU with its slope. */
#pragma once

#include <stdint.h>

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

#ifdef AVX512
#include "lanes16.h"
#else
#include "lanes.h"
#endif

/* exp(x) to an ulp or two; below -87 the smallest normal number. NaN stays NaN. */
ALWAYS vec vexp(vec x)
{
    x = maximum(all(-87.0f), x);
    vec n = nearest(x * all(1.44269504f));
    vec r = submul(n, all(0.693359375f), x);
    r = submul(n, all(-2.12194440e-4f), r);
    /* Taylor's series: |r| is at most ln(2) / 2. */
    vec p = all(1.0f / 5040);
    p = muladd(p, r, all(1.0f / 720));
    p = muladd(p, r, all(1.0f / 120));
    p = muladd(p, r, all(1.0f / 24));
    p = muladd(p, r, all(1.0f / 6));
    p = muladd(p, r, all(0.5f));
    p = muladd(p, r, all(1.0f));
    p = muladd(p, r, all(1.0f));
    return times_power(p, n);
}

/* Vectors that hold sixteen sums, so that narrow ones are no less exact over long rows. */
#define SUMS (16 / LANES)

/* x[0..n) to exp(x - max), x[n..end) to 0; the sum. */
ALWAYS float exponentials(float *x, int64_t n, int64_t end)
{
    int64_t even = n / 16 * 16;
    vec most = all(-__builtin_inff()), sums[SUMS];
    for (int64_t j = 0; j < even; j += LANES)
        most = maximum(most, whole(x + j));
    for (int64_t j = even; j < n; j += LANES)
        most = greater(lanes(j, n), most, load(x + j, lanes(j, n)));
    most = all(most_of(most));
#pragma GCC unroll 4
    for (int i = 0; i < SUMS; i++)
        sums[i] = all(0.0f);
    for (int64_t j = 0; j < even; j += 16)
#pragma GCC unroll 4
        for (int i = 0; i < SUMS; i++) {
            vec e = vexp(whole(x + j + i * LANES) - most);
            sums[i] = sums[i] + e;
            store_whole(x + j + i * LANES, e);
        }
#pragma GCC unroll 4
    for (int i = 0; i < SUMS; i++) {
        int64_t j = even + i * LANES;
        if (j >= n)
            break;
        vec e = keep(lanes(j, n), vexp(load(x + j, lanes(j, n)) - most));
        sums[i] = sums[i] + e;
        store(x + j, lanes(j, end), e);
    }
    for (int64_t j = (n + LANES - 1) / LANES * LANES; j < end; j++)
        x[j] = 0.0f;
#pragma GCC unroll 4
    for (int i = 1; i < SUMS; i++)
        sums[0] = sums[0] + sums[i];
    return sum_of(sums[0]);
}

/* x[0..n) times `by`. */
ALWAYS void scale(float *x, int64_t n, float by)
{
    int64_t j = 0;
    for (; j + LANES <= n; j += LANES)
        store_whole(x + j, whole(x + j) * all(by));
    if (j < n)
        store(x + j, lanes(j, n), load(x + j, lanes(j, n)) * all(by));
}

/* u Phi(u), and its slope Phi(u) + u phi(u), by the normal density phi and Mills' ratio R: Phi(-|u|) = phi(u) R(|u|),
   R a polynomial in 1 / (1 + 0.275 |u|) fitted so that phi R is right to 1.1e-8 at every u. */
ALWAYS vec gelu(vec u, vec *slope)
{
    vec a = magnitude(u);
    vec t = all(1.0f) / muladd(all(0.275f), a, all(1.0f));
    vec phi = all(0.39894228f) * vexp(all(-0.5f) * u * u);
    vec r = all(-0.286169422f);
    r = muladd(r, t, all(1.12588403f));
    r = muladd(r, t, all(-0.818128116f));
    r = muladd(r, t, all(0.827732227f));
    r = muladd(r, t, all(0.109282574f));
    r = muladd(r, t, all(0.294712871f));
    vec tail = phi * (r * t);
    vec cdf = by_sign(u, all(1.0f) - tail, tail);
    *slope = muladd(u, phi, cdf);
    return u * cdf;
}
