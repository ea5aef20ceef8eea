/* A scoreboard: cycles that straight-line code takes on a core whose loads all hit the first cache. */
#ifndef TILEWRIGHT_PIPELINE_H
#define TILEWRIGHT_PIPELINE_H

#include "a64.h"
#include <stddef.h>

enum port { PORT_SIMD, PORT_LOAD, PORT_STORE, PORT_INTEGER, PORT_BRANCH, PORT_KINDS };

struct core {
    int in_order;
    /* Instructions that begin in a cycle, instructions in flight. */
    int width, window;
    int ports[PORT_KINDS];
    /* Loads and stores go through the load ports. */
    int shared_memory_ports;
    /* Bytes one port handles in a cycle. */
    int load_bytes, store_bytes, fp_bytes, simd_bytes;
    /* A load or store of more than one cycle lets nothing begin beside it (in order only). */
    int wide_alone;
    /* Cycles until a result can be used, by a64_kind; of loads for each kind of register. */
    int latency[A64_FROM_VECTOR + 1];
    int load_vector;
    /* Between multiply-accumulates that add to the same register. */
    int fma_accumulate;
};

/* Cycles are counted in units of 1 / CYCLE. */
#define CYCLE 1024

/* What `block` adds to the time of `before` when it runs after it once; `before` may be empty. */
uint64_t cycles_after(const struct core *core, const struct a64 *before, size_t n_before, const struct a64 *block,
                      size_t n);

/* What one more repetition of a loop adds. */
uint64_t cycles_repeated(const struct core *core, const struct a64 *block, size_t n);

#endif
