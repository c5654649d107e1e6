/* The steps for processors with AVX2 and FMA. */
#ifdef __x86_64__
#include <immintrin.h>

int usable_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/* From here on, whatever the compiler was told on its command line. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define AVX2
#define NAME(name) name##_avx2
#include "transformer.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
