/* The steps for processors with AVX-512. */
#ifdef __x86_64__
#include <immintrin.h>

int usable_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma");
}

/* From here on, whatever the compiler was told on its command line. */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,fma")
#endif
#define AVX512
#define NAME(name) name##_avx512
#include "transformer.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
