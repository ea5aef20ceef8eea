/* Decodes classes and registers as the Arm Architecture Reference Manual, chapter C4, groups them. */
#include "a64.h"

#define BITS(high, low) ((word >> (low)) & ((1u << ((high) - (low) + 1)) - 1))
#define BIT(n) BITS(n, n)
#define IS(mask, value) ((word & (mask)) == (value))

static void reads(struct a64 *to, unsigned reg)
{
    if (reg != 31 && to->sources < 8)
        to->source[to->sources++] = (uint8_t)reg;
}

static void writes(struct a64 *to, unsigned reg)
{
    if (reg != 31 && to->results < 4)
        to->result[to->results++] = (uint8_t)reg;
}

#define V(field) (A64_VECTOR + (field))
#define RD BITS(4, 0)
#define RN BITS(9, 5)
#define RA BITS(14, 10)
#define RM BITS(20, 16)

static void immediate(struct a64 *to, uint32_t word)
{
    unsigned group = BITS(25, 23);

    if (group >= 2 && group != 5)
        reads(to, RN);
    if ((group == 5 && BITS(30, 29) == 3) || (group == 6 && BITS(30, 29) == 1))
        reads(to, RD);
    if (group == 7)
        reads(to, RM);
    if ((group == 2 && BIT(29)) || (group == 4 && BITS(30, 29) == 3))
        writes(to, A64_FLAGS);
    writes(to, RD);
}

static void branch(struct a64 *to, uint32_t word)
{
    if (IS(0xff000000, 0xd5000000)) {
        if (BIT(21))
            writes(to, RD);
        return;
    }
    to->kind = A64_BRANCH;
    if (IS(0xfe000000, 0x54000000))
        reads(to, A64_FLAGS);
    else if (IS(0x7e000000, 0x34000000) || IS(0x7e000000, 0x36000000))
        reads(to, RD);
    else if (IS(0xfe000000, 0xd6000000))
        reads(to, RN);
    if (IS(0xfc000000, 0x94000000) || IS(0xfffffc1f, 0xd63f0000))
        writes(to, 30);
}

static void registers(struct a64 *to, uint32_t word)
{
    unsigned group = BITS(24, 21);

    reads(to, RN);
    if (!BIT(28)) {
        reads(to, RM);
        if (BIT(24) ? BIT(29) : BITS(30, 29) == 3)
            writes(to, A64_FLAGS);
    } else if (group >= 8) {
        to->kind = A64_MULTIPLY;
        reads(to, RM);
        reads(to, RA);
    } else if (group == 0 || group == 4) {
        reads(to, RM);
        reads(to, A64_FLAGS);
        if (group == 0 && BIT(29))
            writes(to, A64_FLAGS);
    } else if (group == 2) {
        if (!BIT(11))
            reads(to, RM);
        reads(to, A64_FLAGS);
        writes(to, A64_FLAGS);
        return;
    } else if (group == 6 && !BIT(30)) {
        reads(to, RM);
    }
    writes(to, RD);
}

static void moved(struct a64 *to, unsigned reg, int load)
{
    if (load)
        writes(to, reg);
    else
        reads(to, reg);
}

/* ld1 to ld4, st1 to st4, of whole registers and of one lane, and ld1r. */
static void structures(struct a64 *to, uint32_t word)
{
    int load = (int)BIT(22);
    unsigned count = 1, each = BIT(30) ? 16 : 8;

    if (BIT(24)) {
        unsigned op = BITS(15, 13);

        count = 1 + ((op & 1) << 1 | BIT(21));
        if (op >= 6) {
            to->copied = (uint8_t)count;
            to->copied_bytes = (uint8_t)each;
        }
        each = op >= 6 ? 1u << BITS(11, 10) : op >= 4 ? (BIT(10) ? 8 : 4) : op >= 2 ? 2 : 1;
        if (load && op < 6)
            for (unsigned i = 0; i < count; i++)
                reads(to, V((RD + i) & 31));
    } else {
        unsigned op = BITS(15, 12);

        count = op == 7 ? 1 : op == 10 || op == 8 ? 2 : op == 6 || op == 4 ? 3 : 4;
    }
    to->vector = 1;
    to->bytes = (uint8_t)(count * each);
    for (unsigned i = 0; i < count; i++)
        moved(to, V((RD + i) & 31), load);
    if (BIT(23)) {
        to->base = (uint8_t)RN;
        reads(to, RM);
    }
}

static void memory(struct a64 *to, uint32_t word)
{
    int load, vector = (int)BIT(26);
    unsigned first = vector ? A64_VECTOR : 0;

    to->vector = (uint8_t)vector;
    to->bytes = 8;
    if (IS(0x3b000000, 0x18000000)) {
        to->kind = A64_LOAD;
        to->bytes = (uint8_t)(4u << BITS(31, 30));
        writes(to, first + RD);
        return;
    }
    reads(to, RN);
    to->addresses = to->sources;
    if (IS(0xbe000000, 0x0c000000)) {
        load = (int)BIT(22);
        structures(to, word);
    } else if (IS(0x3a000000, 0x28000000)) {
        unsigned size = BITS(31, 30), each = vector ? 4u << size : size == 2 ? 8 : 4;

        load = (int)BIT(22);
        to->bytes = (uint8_t)(2 * each);
        to->pair = 1;
        moved(to, first + RD, load);
        moved(to, first + RA, load);
        if (BIT(23))
            to->base = (uint8_t)RN;
    } else if (IS(0x3a000000, 0x38000000)) {
        unsigned size = BITS(31, 30), op = BITS(23, 22);

        load = vector ? (int)(op & 1) : op != 0;
        to->bytes = (uint8_t)(vector && op >= 2 ? 16 : 1u << size);
        if (!BIT(24) && BIT(21))
            reads(to, RM);
        to->addresses = to->sources;
        if (!BIT(24) && !BIT(21) && BIT(10))
            to->base = (uint8_t)RN;
        to->prefetch = !vector && size == 3 && load && (op == 2 || RD == 31);
        if (!to->prefetch)
            moved(to, first + RD, load);
    } else {
        load = (int)BIT(22);
        moved(to, RD, load);
    }
    if (to->base == 31)
        to->base = A64_NONE;
    to->kind = load ? A64_LOAD : A64_STORE;
}

static void scalar(struct a64 *to, uint32_t word)
{
    unsigned op = BITS(15, 12), conversion = BITS(18, 16);

    to->bytes = 8;
    to->kind = A64_FADD;
    if (BIT(24)) {
        to->kind = A64_FMA;
        to->accumulator = (uint8_t)V(RA);
        reads(to, V(RN));
        reads(to, V(RM));
        writes(to, V(RD));
    } else if (!BIT(21) || BITS(15, 10) == 0) {
        int from_general = conversion == 7 || conversion == 2 || conversion == 3;

        to->kind = from_general ? A64_TO_VECTOR : A64_FROM_VECTOR;
        reads(to, from_general ? RN : V(RN));
        writes(to, from_general ? V(RD) : RD);
    } else if (BITS(12, 10) == 4) {
        to->kind = A64_SIMD;
        writes(to, V(RD));
    } else if (BITS(13, 10) == 8) {
        reads(to, V(RN));
        reads(to, V(RM));
        writes(to, A64_FLAGS);
    } else {
        reads(to, V(RN));
        writes(to, V(RD));
        if (BITS(14, 10) == 16) {
            if (BITS(20, 15) <= 2)
                to->kind = A64_SIMD;
            else if (BITS(20, 15) == 3)
                to->kind = A64_FDIV;
            return;
        }
        reads(to, V(RM));
        if (BITS(11, 10) == 3)
            reads(to, A64_FLAGS);
        else if (op == 0 || op == 8)
            to->kind = A64_FMUL;
        else if (op == 1)
            to->kind = A64_FDIV;
    }
}

static void accumulates(struct a64 *to, uint32_t word)
{
    to->accumulator = (uint8_t)V(RD);
}

/* Of bytes to doubles, of halves, across lanes, and scalar pairs. */
static void two_registers(struct a64 *to, uint32_t word)
{
    unsigned op = BITS(16, 12), halves = BITS(22, 17) == 0x3c;
    int across = BITS(20, 17) == 8;

    /* fsqrt; without bit 16 fneg, fmaxv and their kin */
    if (BIT(29) && BIT(23) && op == 0x1f)
        to->kind = A64_FDIV;
    /* sadalp, uadalp; fcvtn2 keeps the other half */
    if (op == 6 || (op == 0x16 && BIT(30) && !BIT(28)))
        reads(to, V(RD));
    if (across)
        return;
    if (op == 6 && !halves) {
        to->kind = A64_PAIR_SUM;
    } else if ((op == 0x14 || (op == 0x12 && BIT(29))) && !halves) {
        /* sqxtn, uqxtn, sqxtun */
        to->kind = A64_SHIFT;
    } else if (op >= 0x16 && op <= 0x1d) {
        /* fcvtn and fcvtl are of singles and halves, else of doubles and singles */
        int wide = BIT(22) && !halves, each = halves ? 2 : wide ? 8 : 4;

        to->kind = A64_CONVERT;
        to->bytes = op <= 0x17 ? (wide ? 8 : 16) : (uint8_t)(to->bytes / each * 4);
    }
}

static void by_element(struct a64 *to, uint32_t word)
{
    unsigned op = BITS(15, 12);
    /* fcmla; bfdot, sudot: two or four elements at once */
    int wider = BIT(29) ? (op & 9) == 1 : op == 15;

    /* Elements of 16 bits are of registers 0 to 15: the bit above is one of the index. */
    reads(to, V(BIT(23) || wider ? RM : BITS(19, 16)));
    if (op == 1 || op == 5) {
        to->kind = A64_FMA;
        accumulates(to, word);
    } else if (op == 9) {
        to->kind = A64_FMUL;
    } else if (op >= 14) {
        /* dot products, products of halves added to singles */
        reads(to, V(RD));
    } else {
        int longer = op == 2 || op == 3 || op == 6 || op == 7 || op == 10 || op == 11;

        to->kind = longer ? A64_LONG_PRODUCT : A64_PRODUCT;
        if (longer)
            to->bytes = 16;
        if (op < 8 || (op == 13 && BIT(29)))
            accumulates(to, word);
    }
}

/* Shifts by a number of bits, narrowing and widening ones too; those that add to or keep a part of the register; fixed point. */
static void shift(struct a64 *to, uint32_t word)
{
    unsigned op = BITS(15, 11);

    to->kind = op == 0x1c || op == 0x1f ? A64_CONVERT : op == 2 || op == 6 ? A64_PAIR_SUM : A64_SHIFT;
    if (op == 2 || op == 6 || op == 8 || (op == 0xa && BIT(29)) || (op >= 0x10 && op <= 0x13 && BIT(30)))
        reads(to, V(RD));
    if (op == 0x14)
        to->bytes = 16;
    else if (op >= 0x10 && op <= 0x13)
        to->bytes = 8;
}

static void vectors(struct a64 *to, uint32_t word)
{
    /* Three registers of halves: opcodes are those of singles without their first two bits, which are set. */
    int halves = IS(0x8f60c400, 0x0e400400);
    unsigned op = BITS(15, 11) | (halves ? 0x18 : 0);

    to->vector = 1;
    to->bytes = BIT(30) && !BIT(28) ? 16 : 8;
    to->kind = A64_SIMD;
    if (IS(0x9fe08400, 0x0e000400)) {
        unsigned imm = BITS(14, 11);
        int from_general = !BIT(29) && (imm == 1 || imm == 3), to_general = !BIT(29) && (imm == 5 || imm == 7);

        reads(to, from_general ? RN : V(RN));
        if (BIT(29) || imm == 3)
            reads(to, V(RD));
        to->kind = from_general ? A64_TO_VECTOR : to_general ? A64_FROM_VECTOR : A64_SIMD;
        writes(to, to_general ? RD : V(RD));
        return;
    }
    writes(to, V(RD));
    if (IS(0x8ff80400, 0x0f000400) && BITS(22, 19) == 0)
        return;
    reads(to, V(RN));
    if (IS(0x8f800400, 0x0f000400)) {
        shift(to, word);
        return;
    }
    if (IS(0xffe08400, 0x5e000400))
        return;
    if (IS(0x8f200c00, 0x0e200800) && (BITS(20, 17) <= 8 || BITS(22, 17) == 0x3c)) {
        two_registers(to, word);
        return;
    }
    if (IS(0x8f000400, 0x0f000000)) {
        by_element(to, word);
        return;
    }
    reads(to, V(RM));
    if (IS(0x8f200400, 0x0e200400) || halves) {
        if (op == 0x19) {
            to->kind = A64_FMA;
            accumulates(to, word);
        } else if (op == 0x1b) {
            to->kind = A64_FMUL;
        } else if (op == 0x1f && BIT(29)) {
            to->kind = A64_FDIV;
        } else if (op >= 0x18) {
            to->kind = A64_FADD;
        } else if (op >= 0x08 && op <= 0x0b) {
            to->kind = A64_SHIFT;
        } else if (op == 0x12 || op == 0x13 || op == 0x16) {
            to->kind = A64_PRODUCT;
            if (op == 0x12)
                accumulates(to, word);
        } else if (op == 0x03 && BIT(29)) {
            reads(to, V(RD));
        }
    } else if (IS(0x8f200c00, 0x0e200000)) {
        unsigned longer = BITS(15, 12);

        /* Whole registers of products or sums of halves; sabal, smlal, smlsl and their kin add to one. */
        to->bytes = 16;
        if (longer == 5) {
            to->kind = A64_PAIR_SUM;
            reads(to, V(RD));
        } else if (longer >= 8 && longer <= 13) {
            to->kind = A64_LONG_PRODUCT;
            if (longer <= 11)
                accumulates(to, word);
        }
    } else if (IS(0x9f208400, 0x0e008400)) {
        reads(to, V(RD));
    }
}

struct a64 a64_decode(uint32_t word)
{
    struct a64 to = {.kind = A64_INTEGER, .bytes = 8, .accumulator = A64_NONE, .base = A64_NONE};
    unsigned group = BITS(28, 25);

    if ((group & 0xe) == 8)
        immediate(&to, word);
    else if ((group & 0xe) == 10)
        branch(&to, word);
    else if ((group & 5) == 4)
        memory(&to, word);
    else if ((group & 7) == 5)
        registers(&to, word);
    else if ((group & 7) == 7) {
        if (IS(0x7e000000, 0x1e000000))
            scalar(&to, word);
        else if (!BIT(31))
            vectors(&to, word);
    }
    return to;
}
