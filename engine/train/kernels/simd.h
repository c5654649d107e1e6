/* Sixteen floats at a time: loads, stores and sums of part vectors, exp, and GELU with its slope. */
#pragma once

#include <immintrin.h>
#include <stdint.h>

#define LANES 16
#define ALWAYS static inline __attribute__((always_inline))

typedef __m512 vec;

ALWAYS int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

ALWAYS vec all(float x) { return _mm512_set1_ps(x); }

/* Which of the sixteen lanes from `i` on lie before `n`. */
ALWAYS __mmask16 lanes(int64_t i, int64_t n) { return n - i >= LANES ? 0xffff : (__mmask16)((1u << (n - i)) - 1); }

/* Masked stores are slow on some processors, so whole vectors go another way. */
ALWAYS vec load(const float *p, __mmask16 m) { return m == 0xffff ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(m, p); }

ALWAYS void store(float *p, __mmask16 m, vec v)
{
    if (m == 0xffff)
        _mm512_storeu_ps(p, v);
    else
        _mm512_mask_storeu_ps(p, m, v);
}

/* exp(x) to an ulp or two; below -87 the smallest normal number. NaN stays NaN. */
ALWAYS vec vexp(vec x)
{
    x = _mm512_max_ps(all(-87.0f), x);
    vec n = _mm512_roundscale_ps(x * all(1.44269504f), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    vec r = _mm512_fnmadd_ps(n, all(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, all(-2.12194440e-4f), r);
    /* Taylor's series: |r| is at most ln(2) / 2. */
    vec p = all(1.0f / 5040);
    p = _mm512_fmadd_ps(p, r, all(1.0f / 720));
    p = _mm512_fmadd_ps(p, r, all(1.0f / 120));
    p = _mm512_fmadd_ps(p, r, all(1.0f / 24));
    p = _mm512_fmadd_ps(p, r, all(1.0f / 6));
    p = _mm512_fmadd_ps(p, r, all(0.5f));
    p = _mm512_fmadd_ps(p, r, all(1.0f));
    p = _mm512_fmadd_ps(p, r, all(1.0f));
    return _mm512_scalef_ps(p, n);
}

/* x[0..n) to exp(x - max), x[n..end) to 0 where that lies within the same sixteen; the sum. */
ALWAYS float exponentials(float *x, int64_t n, int64_t end)
{
    vec most = all(-__builtin_inff()), sum = all(0.0f);
    for (int64_t j = 0; j < n; j += LANES)
        most = _mm512_mask_max_ps(most, lanes(j, n), most, load(x + j, lanes(j, n)));
    most = all(_mm512_reduce_max_ps(most));
    for (int64_t j = 0; j < n; j += LANES) {
        __mmask16 m = lanes(j, n);
        vec e = _mm512_maskz_mov_ps(m, vexp(_mm512_sub_ps(load(x + j, m), most)));
        sum = _mm512_add_ps(sum, e);
        store(x + j, lanes(j, end), e);
    }
    return _mm512_reduce_add_ps(sum);
}

/* x[0..n) times `by`. */
ALWAYS void scale(float *x, int64_t n, float by)
{
    for (int64_t j = 0; j < n; j += LANES)
        store(x + j, lanes(j, n), _mm512_mul_ps(load(x + j, lanes(j, n)), all(by)));
}

/* u Phi(u), and its slope Phi(u) + u phi(u), by the normal density phi and Mills' ratio R: Phi(-|u|) = phi(u) R(|u|),
   R a polynomial in 1 / (1 + 0.275 |u|) fitted so that phi R is right to 1.1e-8 at every u. */
ALWAYS vec gelu(vec u, vec *slope)
{
    vec a = _mm512_abs_ps(u);
    vec t = all(1.0f) / _mm512_fmadd_ps(all(0.275f), a, all(1.0f));
    vec phi = all(0.39894228f) * vexp(all(-0.5f) * u * u);
    vec r = all(-0.286169422f);
    r = _mm512_fmadd_ps(r, t, all(1.12588403f));
    r = _mm512_fmadd_ps(r, t, all(-0.818128116f));
    r = _mm512_fmadd_ps(r, t, all(0.827732227f));
    r = _mm512_fmadd_ps(r, t, all(0.109282574f));
    r = _mm512_fmadd_ps(r, t, all(0.294712871f));
    vec tail = phi * (r * t);
    vec cdf = _mm512_mask_sub_ps(tail, _mm512_cmp_ps_mask(u, all(0.0f), _CMP_GE_OQ), all(1.0f), tail);
    *slope = _mm512_fmadd_ps(u, phi, cdf);
    return u * cdf;
}
