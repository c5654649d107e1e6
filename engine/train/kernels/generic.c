/* The steps for any processor, by the vectors that all of its architecture have: NEON on AArch64, SSE2 on x86-64. */
int usable_generic(void) { return 1; }

#define NAME(name) name##_generic
#include "transformer.h"
