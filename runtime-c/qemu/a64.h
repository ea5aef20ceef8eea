/* What a timing model needs to know of one AArch64 instruction word. */
#ifndef TILEWRIGHT_A64_H
#define TILEWRIGHT_A64_H

#include <stdint.h>

enum a64_kind {
    A64_INTEGER,
    A64_MULTIPLY,
    A64_BRANCH,
    A64_LOAD,
    A64_STORE,
    A64_FMA,
    A64_FMUL,
    A64_FADD,
    A64_FDIV,
    A64_SIMD,
    /* Vectors of integers: products as wide as their operands, twice as wide; sums added to an accumulator; shifts, narrowing. */
    A64_PRODUCT,
    A64_LONG_PRODUCT,
    A64_PAIR_SUM,
    A64_SHIFT,
    /* Vectors of floats rounded, or made of another type. */
    A64_CONVERT,
    A64_TO_VECTOR,
    A64_FROM_VECTOR
};

/* General registers 0 to 30, vector registers 32 to 63, flags. */
enum { A64_VECTOR = 32, A64_FLAGS = 64, A64_REGISTERS = 65, A64_NONE = 255 };

struct a64 {
    uint8_t kind;
    /* Bytes moved by a load or store, bytes of a vector operation; of A64_CONVERT four for each element. */
    uint8_t bytes;
    uint8_t vector;
    uint8_t sources;
    uint8_t results;
    /* The register a multiply-accumulate adds to, not among the sources; else A64_NONE. */
    uint8_t accumulator;
    /* The base register a load or store leaves changed, not among the results; else A64_NONE. */
    uint8_t base;
    /* How many of the sources, the first ones, are an address. */
    uint8_t addresses;
    /* A load of two registers (ldp). */
    uint8_t pair;
    /* Registers that a load fills with copies of elements (ld1r to ld4r), and bytes of one of them. */
    uint8_t copied;
    uint8_t copied_bytes;
    /* A prefetch, or the load to the zero register that stands for one. */
    uint8_t prefetch;
    uint8_t source[8];
    uint8_t result[4];
};

/* An instruction that is not known is one integer operation without operands. */
struct a64 a64_decode(uint32_t word);

#endif
