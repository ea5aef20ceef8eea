/* A scoreboard: cycles that straight-line code takes on a core whose loads all hit the first cache. */
#ifndef TILEWRIGHT_PIPELINE_H
#define TILEWRIGHT_PIPELINE_H

#include "a64.h"
#include <stddef.h>

enum port { PORT_SIMD, PORT_LOAD, PORT_STORE, PORT_INTEGER, PORT_BRANCH, PORT_DIVIDER, PORT_FIRST, PORT_SECOND, PORT_KINDS };

struct core {
    int in_order;
    /* Instructions that begin in a cycle, instructions in flight. */
    int width, window;
    /* `width` counts micro-operations (out of order only). */
    int width_in_uops;
    int ports[PORT_KINDS];
    /* Loads and stores go through the load ports. */
    int shared_memory_ports;
    /* Bytes one port handles in a cycle; `store_simd_bytes`: of a vector store, by a vector port, 0: by none. */
    int load_bytes, store_bytes, store_simd_bytes, fp_bytes, simd_bytes;
    /* Port cycles of 128 bits of A64_PRODUCT to A64_CONVERT. */
    int special[A64_CONVERT - A64_PRODUCT + 1];
    /* Products and conversions are for the first vector port alone, sums of pairs and shifts for the second (out of order only). */
    int own_ports;
    /* A load or store of more than one cycle lets nothing begin beside it (in order only). */
    int wide_alone;
    /* A 128-bit vector operation is the first of a cycle or waits (in order only). */
    int wide_first;
    /* Cycles until a result can be used, by a64_kind; of loads for each kind of register. */
    int latency[A64_FROM_VECTOR + 1];
    int load_vector;
    /* What a load of two vector registers adds to that; what an integer result adds where it is an address. */
    int load_pair, address_after;
    /* Between multiply-accumulates that add to the same register, of floats and of integers; between divisions. */
    int fma_accumulate, product_accumulate, fdiv_interval;
};

/* Cycles are counted in units of 1 / CYCLE. */
#define CYCLE 1024

/* What `block` adds to the time of `before` when it runs after it once; `before` may be empty. */
uint64_t cycles_after(const struct core *core, const struct a64 *before, size_t n_before, const struct a64 *block,
                      size_t n);

/* What one more repetition of a loop adds. */
uint64_t cycles_repeated(const struct core *core, const struct a64 *block, size_t n);

#endif
