/*
 * tiny-net, compiled by Tilewright for host.
 *
 * input   input.1: 1 x 8
 * output  pool: 1 x 8
 * 3 layers, 136 multiply-accumulates, 576 bytes of weights.
 *
 *     #include "tiny_net.h"
 *
 *     static _Alignas(TINY_NET_ARENA_ALIGN) unsigned char arena[TINY_NET_ARENA_BYTES];
 *     static float input_1[TINY_NET_INPUT_1_FLOATS];
 *     static float pool_2[TINY_NET_POOL_2_FLOATS];
 *
 *     if (tiny_net_run(arena, input_1, pool_2) != 0)
 *         ... one of the pointers is null or the arena is misaligned ...
 *
 * Link with libtiny_net.a, -lm and -pthread. Nothing is allocated, printed or kept between two calls;
 * calls with different arenas and outputs may run at the same time. The arena needs no initialisation.
 */
#ifndef TINY_NET_H
#define TINY_NET_H

#ifdef __cplusplus
extern "C" {
#endif

/* Working memory of one inference on any number of threads, in bytes, and its alignment. */
#define TINY_NET_ARENA_BYTES 128
#define TINY_NET_ARENA_ALIGN 64

/*
 * Scratch memory of the kernel that needs most, in bytes: small local arrays, on the stack of each thread that
 * computes; large ones lie in the arena. What a compiler saves and spills comes on top, up to two kilobytes.
 */
#define TINY_NET_SCRATCH_BYTES 0

/* Floats of each input and output, all row-major. */
#define TINY_NET_INPUT_1_FLOATS 8 /* input input.1: 1 x 8 */
#define TINY_NET_POOL_2_FLOATS 8 /* output pool: 1 x 8 */

/* Memory of a pool of threads, in bytes, aligned as the arena. */
#define TINY_NET_POOL_BYTES 16384

struct tw_pool;
struct tw_network;

/*
 * One inference on the calling thread. Returns 0, or a tw_status of tilewright.h: 1 when a pointer is
 * null, 2 when the arena is not aligned.
 */
int tiny_net_run(void *arena, const float *input_1, float *pool_2);

/*
 * Starts a pool of `threads` threads, the calling one counted in, in memory of TINY_NET_POOL_BYTES bytes; null when
 * that cannot be done. A pool serves one inference at a time, of any network of this version of Tilewright.
 */
struct tw_pool *tiny_net_pool_start(void *memory, int threads);

/* Ends its threads; the memory is the caller's again. */
void tiny_net_pool_stop(struct tw_pool *pool);

/* tiny_net_run on the threads of a pool; a null pool is tiny_net_run. 5: the pool is of another version. */
int tiny_net_run_parallel(void *arena, struct tw_pool *pool, const float *input_1, float *pool_2);

/* The layer table, for tools that walk or time the layers (tilewright.h). */
extern const struct tw_network tiny_net_network;

#ifdef __cplusplus
}
#endif

#endif
