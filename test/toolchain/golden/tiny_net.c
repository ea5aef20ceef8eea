/*
 * tiny-net, compiled by Tilewright for host.
 *
 * input   input.1: 1 x 8
 * output  pool: 1 x 8
 * 3 layers, 136 multiply-accumulates, 576 bytes of weights.
 */
#include "tiny_net.h"

#include <stdint.h>

#include "tilewright.h"

/* A large network needs a machine of 64 bits. */
_Static_assert(TINY_NET_ARENA_BYTES <= PTRDIFF_MAX, "the arena is larger than this machine's addresses");
_Static_assert(TINY_NET_INPUT_1_FLOATS <= PTRDIFF_MAX / sizeof(float), "a tensor is larger than this machine's addresses");
_Static_assert(TINY_NET_POOL_2_FLOATS <= PTRDIFF_MAX / sizeof(float), "a tensor is larger than this machine's addresses");

/* Weights as the kernels read them (tiny_net_weights.S). */
extern const unsigned char tiny_net_weights[];

/* Kernels (src/kernels). Calls over disjoint parts of [0, grid), or of a step, may run in parallel. */
#ifdef TW_PREFIX
#define dense_8x8 TW_NAME(dense_8x8)
#define relu_8 TW_NAME(relu_8)
#define dense_8x8_bordered TW_NAME(dense_8x8_bordered)
#endif
void dense_8x8(const float *restrict x, const float *restrict w, const float *restrict b,
               float *restrict y, int begin, int end);
void relu_8(const float *restrict x, float *restrict y, int begin, int end);
void dense_8x8_bordered(const float *restrict x, const float *restrict w, const float *restrict b,
                        float *restrict y, int begin, int end);

/* 0: fc1 (dense) */
static void layer_0(const tw_frame *frame, int begin, int end)
{
    dense_8x8(frame->inputs[0], tw_weights_at(frame, 0), tw_weights_at(frame, 256),
              tw_arena_at(frame, 0), begin, end);
}

/* 1: relu "one" *_ (relu) */
static void layer_1(const tw_frame *frame, int begin, int end)
{
    relu_8(tw_arena_at(frame, 0), tw_arena_at(frame, 64), begin, end);
}

/* 2: fc2 (dense) */
static void layer_2(const tw_frame *frame, int begin, int end)
{
    dense_8x8_bordered(tw_arena_at(frame, 64), tw_weights_at(frame, 320),
                       tw_weights_at(frame, 256), frame->outputs[0], begin, end);
}

static const tw_layer layers[] = {
    {
        .name = "fc1",
        .op = "dense",
        .kernel = "dense_8x8",
        .macs = 64,
        .run = layer_0,
        .grid = 2,
        .offset = 0,
        .bytes = 32,
        .output = -1,
    },
    {
        .name = "relu \"one\" */",
        .op = "relu",
        .kernel = "relu_8",
        .macs = 8,
        .run = layer_1,
        .grid = 1,
        .offset = 64,
        .bytes = 40,
        .output = -1,
    },
    {
        .name = "fc2",
        .op = "dense",
        .kernel = "dense_8x8_bordered",
        .macs = 64,
        .run = layer_2,
        .grid = 2,
        .offset = 0,
        .bytes = 32,
        .output = 0,
    },
};

static const int input_1_dims[] = { 1, 8 };
static const int pool_2_dims[] = { 1, 8 };

static const tw_port inputs[] = {
    { "input.1", TINY_NET_INPUT_1_FLOATS, 2, input_1_dims },
};

static const tw_port outputs[] = {
    { "pool", TINY_NET_POOL_2_FLOATS, 2, pool_2_dims },
};

const tw_network tiny_net_network = {
    .name = "tiny-net",
    .arena_bytes = TINY_NET_ARENA_BYTES,
    .weights = tiny_net_weights,
    .weight_bytes = 576,
    .input_count = 1,
    .inputs = inputs,
    .output_count = 1,
    .outputs = outputs,
    .layer_count = 3,
    .layers = layers,
};

_Static_assert(sizeof(tw_pool) <= TINY_NET_POOL_BYTES, "a pool needs more memory on this machine");
_Static_assert(_Alignof(tw_pool) <= TINY_NET_ARENA_ALIGN, "a pool needs another alignment on this machine");

struct tw_pool *tiny_net_pool_start(void *memory, int threads)
{
    tw_pool *pool = memory;

    return pool != NULL && tw_pool_start(pool, threads) == TW_OK ? pool : NULL;
}

void tiny_net_pool_stop(struct tw_pool *pool)
{
    tw_pool_stop(pool);
}

int tiny_net_run_parallel(void *arena, struct tw_pool *pool, const float *input_1, float *pool_2)
{
    const float *const input_data[] = { input_1 };
    float *const output_data[] = { pool_2 };
    const tw_frame frame = {arena, tiny_net_weights, input_data, output_data, NULL};

    return (int)tw_network_run(&tiny_net_network, &frame, pool);
}

int tiny_net_run(void *arena, const float *input_1, float *pool_2)
{
    return tiny_net_run_parallel(arena, NULL, input_1, pool_2);
}
