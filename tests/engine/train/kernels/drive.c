/* Compiled steps without Python, for compilers, instrumentation and processors that Python does not run under here.

       drive layout            bytes of `shape`, and where its fields begin
       drive KIND FILE OUT     gradients and logits of the model in FILE

   Status 2: the processor lacks that kind of vectors. FILE holds the integers and the scales of a shape, a count of parameters and a count of places (int64), then places,
   cos, sin, parameters, tokens and targets; OUT gets probabilities, gradients and logits. Every array has memory of its
   own and no more than it needs, so that a sanitizer sees what is read beyond it. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shape.h"

#define DECLARE(kind)                                                                                                  \
    int usable_##kind(void);                                                                                           \
    int64_t workspace_##kind(const shape *, int);                                                                      \
    void gradients_##kind(const shape *, const float *, float *, const int64_t *, const int64_t *, float *, float *);  \
    void logits_##kind(const shape *, const float *, const int64_t *, float *, float *);
typedef struct {
    const char *name;
    int (*usable)(void);
    int64_t (*workspace)(const shape *, int);
    void (*gradients)(const shape *, const float *, float *, const int64_t *, const int64_t *, float *, float *);
    void (*logits)(const shape *, const float *, const int64_t *, float *, float *);
} steps;
#define ENTRY(kind) {#kind, usable_##kind, workspace_##kind, gradients_##kind, logits_##kind},
#ifdef __x86_64__
DECLARE(avx512)
DECLARE(avx2)
#endif
DECLARE(generic)
static const steps KINDS[] = {
#ifdef __x86_64__
    ENTRY(avx512) ENTRY(avx2)
#endif
    ENTRY(generic)};

static void *take(FILE *file, size_t size, int64_t count)
{
    void *to = malloc(size * count);
    if (fread(to, size, count, file) != (size_t)count)
        exit(3);
    return to;
}

/* Memory as torch gives it: on a cache line. */
static float *room(int64_t count) { return aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64); }

static void layout(void)
{
#define AT(field) printf(" %zu", offsetof(shape, field));
    printf("%zu", sizeof(shape));
    AT(batch) AT(part) AT(length) AT(width) AT(heads) AT(hidden) AT(layers) AT(vocab) AT(block)
    AT(score_scale) AT(logit_scale) AT(embed_scale) AT(norm_eps) AT(cos) AT(sin) AT(places)
    printf("\n");
}

static int run(const steps *kind, const char *from, const char *to)
{
    FILE *file = fopen(from, "rb");
    shape s;
    int64_t counts[2];
    if (!file || fread(&s, offsetof(shape, cos), 1, file) != 1 || fread(counts, sizeof counts, 1, file) != 1)
        return 3;
    int64_t n = s.batch * s.length, angles = s.length * (s.width / s.heads), logits = n * s.vocab;
    int64_t *places = take(file, 8, counts[1]);
    float *cosines = take(file, 4, angles), *sines = take(file, 4, angles), *params = take(file, 4, counts[0]);
    int64_t *tokens = take(file, 8, n), *targets = take(file, 8, n);
    fclose(file);
    s.places = places, s.cos = cosines, s.sin = sines;
    float *prob = malloc(4 * n), *grads = malloc(4 * counts[0]), *out = malloc(4 * logits);
    float *work = room(kind->workspace(&s, 1)), *judging = room(kind->workspace(&s, 0));
    memset(grads, 0xff, 4 * counts[0]);
    memset(work, 0xff, 4 * kind->workspace(&s, 1));
    memset(judging, 0xff, 4 * kind->workspace(&s, 0));
    kind->gradients(&s, params, grads, tokens, targets, prob, work);
    kind->logits(&s, params, tokens, out, judging);
    file = fopen(to, "wb");
    fwrite(prob, 4, n, file), fwrite(grads, 4, counts[0], file), fwrite(out, 4, logits, file);
    fclose(file);
    void *all[] = {places, cosines, sines, params, tokens, targets, prob, grads, out, work, judging};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    return 0;
}

int main(int count, char **words)
{
    if (count == 2 && !strcmp(words[1], "layout")) {
        layout();
        return 0;
    }
    for (size_t i = 0; count == 4 && i < sizeof KINDS / sizeof *KINDS; i++)
        if (!strcmp(words[1], KINDS[i].name) && KINDS[i].usable())
            return run(&KINDS[i], words[2], words[3]);
    return 2;
}
