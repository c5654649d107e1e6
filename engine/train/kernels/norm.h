/* Layer norm of rows, without its gain, which goes into the matrix that reads it. */
#pragma once

#include "simd.h"

/* hat = (x - mean) rstd, row by row; `eps` is added to the variance. */
static void norm(int64_t rows, int64_t width, float eps, const float *x, float *hat, float *rstd)
{
    for (int64_t i = 0; i < rows; i++, x += width, hat += width) {
        vec sum = all(0.0f), square = all(0.0f);
        for (int64_t j = 0; j < width; j += LANES)
            sum = sum + load(x + j, lanes(j, width));
        vec mean = all(sum_of(sum) / (float)width);
        for (int64_t j = 0; j < width; j += LANES) {
            mask m = lanes(j, width);
            vec v = keep(m, load(x + j, m) - mean);
            square = muladd(v, v, square);
        }
        rstd[i] = 1.0f / __builtin_sqrtf(sum_of(square) / (float)width + eps);
        for (int64_t j = 0; j < width; j += LANES) {
            mask m = lanes(j, width);
            store(hat + j, m, (load(x + j, m) - mean) * all(rstd[i]));
        }
    }
}

/* dx = or += rstd (d - mean(d) - hat mean(d hat)) where d = gain dh. */
static void norm_backward(int64_t rows, int64_t width, const float *dh, const float *gain, const float *hat,
                          const float *rstd, float *dx, int add)
{
    for (int64_t i = 0; i < rows; i++, dh += width, hat += width, dx += width) {
        vec sum = all(0.0f), with_hat = all(0.0f);
        for (int64_t j = 0; j < width; j += LANES) {
            mask m = lanes(j, width);
            vec d = load(dh + j, m) * load(gain + j, m);
            sum = sum + d;
            with_hat = muladd(d, load(hat + j, m), with_hat);
        }
        vec a = all(sum_of(sum) / (float)width), b = all(sum_of(with_hat) / (float)width);
        for (int64_t j = 0; j < width; j += LANES) {
            mask m = lanes(j, width);
            vec d = mulsub(load(dh + j, m), load(gain + j, m), a);
            d = submul(b, load(hat + j, m), d) * all(rstd[i]);
            store(dx + j, m, add ? d + load(dx + j, m) : d);
        }
    }
}
