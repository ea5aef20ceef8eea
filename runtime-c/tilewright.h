/*
 * tilewright.h - what a compiled network is made of, and the few functions that run it.
 *
 * A network is a constant table of layers (tw_network) generated next to its kernels. Running it means
 * calling each layer's function over its whole grid, in order. All memory is the caller's: the arena
 * holds every intermediate value, inputs and outputs are plain arrays, of floats unless the network says
 * otherwise (tw_type), weights are constants in the binary. Nothing declared here allocates memory or touches stdio.
 *
 *     static _Alignas(TW_ALIGN) unsigned char arena[NET_ARENA_BYTES];
 *     const float *const inputs[] = { image };
 *     float *const outputs[] = { scores };
 *     const tw_frame frame = { arena, net_network.weights, inputs, outputs, NULL };
 *     if (tw_network_run(&net_network, &frame, NULL) != TW_OK) ...
 *
 * A program that uses one network needs only that network's own header, include/<net>.h; this one is
 * for thread pools and for tools that walk the layers.
 */
#ifndef TILEWRIGHT_H
#define TILEWRIGHT_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "tw_names.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Alignment of the arena and of everything inside it and inside the weights, in bytes. */
#define TW_ALIGN 64
/* Most threads of one pool. */
#define TW_MAX_THREADS 64

typedef enum tw_status {
    TW_OK = 0,
    TW_ERROR_NULL = 1,        /* an arena, input or output pointer is null */
    TW_ERROR_ALIGNMENT = 2,   /* the arena does not begin at a multiple of TW_ALIGN */
    TW_ERROR_ARENA_SIZE = 3,  /* the arena is smaller than the network needs */
    TW_ERROR_THREADS = 4,     /* the thread count is out of range, or a thread could not start */
    TW_ERROR_POOL = 5,        /* the pool was started by another version of this runtime */
    TW_ERROR_RANGE = 6,       /* an input or result is a whole number that floats, or its type, do not hold */
    TW_ERROR_INDEX = 7        /* an index was computed that names no element, or a whole number that floats do not hold */
} tw_status;

/* English text of a status; never null. */
const char *tw_status_text(tw_status status);

/* ---- networks ---------------------------------------------------------------------------------- */

/* The memory of one inference. Two frames with different arenas and outputs may run at once. */
typedef struct tw_frame {
    unsigned char *arena;
    const unsigned char *weights;
    const float *const *inputs;
    float *const *outputs;
    unsigned char *scratch; /* set for each call of a layer; null before */
} tw_frame;

/* Calls a layer's kernel for the chunks [begin, end) of its grid. */
typedef void tw_layer_function(const tw_frame *frame, int begin, int end);

typedef struct tw_layer {
    const char *name;       /* node of the model it stands for */
    const char *op;         /* operator */
    const char *kernel;     /* C function that does the work */
    uint64_t macs;          /* multiply-accumulates of the whole grid */
    /* What each run reads lies on one cache line. */
    tw_layer_function *run;
    int grid;               /* chunks; disjoint ranges may run in parallel, but for steps */
    int step_count;
    size_t scratch;         /* where in the arena its scratch memory begins, bytes */
    size_t scratch_bytes;   /* of each thread, one after another; for no more threads than blocks */
    /*
     * Where steps end in a block of chunks, the last one the block itself. Blocks are independent; a step begins when the
     * one before it in its block is done, and all steps of a block share their scratch memory. None: each chunk is a block.
     */
    const int *steps;
    size_t offset;          /* of the result in the arena, bytes; 0 for a network output */
    size_t bytes;           /* of the result as it lies in memory, borders and padding included; 0: none */
    int output;             /* network output written, or -1: the result lies in the arena */
} tw_layer;

/* What an input or output holds. An f16 is the 16 bits of an IEEE binary16, a bool a byte, 0 or 1. */
typedef enum tw_type { TW_F32 = 0, TW_F16 = 1, TW_I8 = 2, TW_U8 = 3, TW_I32 = 4, TW_I64 = 5, TW_BOOL = 6,
               TW_I16 = 7, TW_U16 = 8, TW_U32 = 9, TW_U64 = 10, TW_F64 = 11 } tw_type;

/* A network input or output: row-major numbers, `floats` of them whatever their type. */
typedef struct tw_port {
    const char *name;
    size_t floats;
    int rank;
    const int *dims;
} tw_port;

typedef struct tw_network {
    const char *name;
    size_t arena_bytes;
    const unsigned char *weights;
    size_t weight_bytes;
    int input_count;
    const tw_port *inputs;
    int output_count;
    const tw_port *outputs;
    int layer_count;
    const tw_layer *layers;
    const tw_type *input_types;  /* null: all of them hold floats */
    const tw_type *output_types;
    /* Of networks, which compute in floats whatever their inputs and outputs hold. */
    int whole_inputs;           /* 1: inputs of whole numbers must be floats, too */
    float *(*input_floats)(const tw_frame *frame, int input);         /* where floats are made of an input; null: nowhere */
    const float *(*output_floats)(const tw_frame *frame, int output); /* what an output is made of; null: as it is */
    float (*checks)(const tw_frame *frame);  /* NaN after a run that has failed; null: none can */
} tw_network;

struct tw_pool;

/* TW_OK when `arena` of `bytes` bytes will do for `network`. */
tw_status tw_arena_check(const tw_network *network, const void *arena, size_t bytes);

/* TW_OK when every pointer of the frame is there and the arena is aligned. */
tw_status tw_frame_check(const tw_network *network, const tw_frame *frame);

/*
 * TW_OK when all whole numbers that the network is given are floats, too, which those beyond 2^24 in size need not be, bools
 * are 0 or 1, and doubles no further than floats. Makes floats of what the layers do not read. tw_network_run does it; who runs
 * layers alone does so before the first.
 */
tw_status tw_inputs_convert(const tw_network *network, const tw_frame *frame);

/*
 * Makes outputs of other types than floats of what the layers left. TW_OK when each result is a whole number of its type, and
 * so was each index on the way.
 * tw_network_run does it; who runs layers alone does so after the last.
 */
tw_status tw_outputs_convert(const tw_network *network, const tw_frame *frame);

/* One inference. `pool` null: on the calling thread alone. The arena needs no initialisation. */
tw_status tw_network_run(const tw_network *network, const tw_frame *frame, struct tw_pool *pool);

/* One layer over its whole grid. The layers before it must have run. */
void tw_layer_run(const tw_layer *layer, const tw_frame *frame, struct tw_pool *pool);

static inline tw_type tw_input_type(const tw_network *network, int index)
{
    return network->input_types == NULL ? TW_F32 : network->input_types[index];
}

static inline tw_type tw_output_type(const tw_network *network, int index)
{
    return network->output_types == NULL ? TW_F32 : network->output_types[index];
}

/* Where a layer leaves its result: `layer->bytes` bytes. */
const unsigned char *tw_layer_result(const tw_layer *layer, const tw_frame *frame);

/* For generated code: floats at a byte offset of the arena, of a call's scratch memory and of the weights. */
static inline float *tw_arena_at(const tw_frame *frame, size_t offset)
{
    return (float *)(void *)(frame->arena + offset);
}

static inline float *tw_scratch_at(const tw_frame *frame, size_t offset)
{
    return (float *)(void *)(frame->scratch + offset);
}

static inline const float *tw_weights_at(const tw_frame *frame, size_t offset)
{
    return (const float *)(const void *)(frame->weights + offset);
}

/* ---- thread pool ------------------------------------------------------------------------------- */

/*
 * A fixed set of threads that share each layer's grid in equal, contiguous parts; the calling thread
 * takes the first, and who is done takes over from the others what they have not begun. Between
 * inferences they sleep. A pool serves one inference at a time and lies in the caller's memory; its
 * fields are private.
 */
typedef struct tw_seat {
    struct tw_pool *pool;
    int index;
    uint64_t share; /* slices not begun, and of which round */
    pthread_t thread;
    char apart[64]; /* shares lie on cache lines of their own: each thread writes its own */
} tw_seat;

/* Chunks that may run at the same time: pieces of so many each, which are not divided. */
typedef struct tw_part {
    int begin;
    int pieces;
    int piece;
    int together; /* all of them work in the same scratch memory */
} tw_part;

/* Told by who starts a pool, asked for by who uses it: another number wherever fields or their meaning change. */
#define TW_POOL_LAYOUT 0x74770002u

typedef struct tw_pool {
    uint32_t layout;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t idle;
    int threads;
    int stopping;
    int running;    /* an inference is under way */
    int waiting;    /* the caller sleeps until nothing is left */
    int slices;     /* parts of what is handed out */
    int sharing;    /* threads that may take them */
    tw_part part;   /* what is handed out */
    int left;       /* slices not done */
    uint64_t round; /* grows by one with each layer handed out */
    const tw_layer *layer;
    const tw_frame *frame;
    tw_seat seats[TW_MAX_THREADS];
} tw_pool;

/* Starts `threads` - 1 threads (1 to TW_MAX_THREADS). On failure nothing is left running. */
tw_status tw_pool_start(tw_pool *pool, int threads);

/* Ends the threads. No inference may be under way. */
void tw_pool_stop(tw_pool *pool);

/* ---- measuring and checking -------------------------------------------------------------------- */

/* Nanoseconds of a clock that only moves forward. */
uint64_t tw_clock_ns(void);

/*
 * Largest absolute difference; its position goes to `at` unless null. A NaN on one side only, or an
 * infinity on one side only, counts as infinity.
 */
double tw_max_abs_error(const float *a, const float *b, size_t count, size_t *at);

/* Bytes of one number. */
size_t tw_type_bytes(tw_type type);

/* Number `i` of an array. */
double tw_element(tw_type type, const void *data, size_t i);

/* Fills `bytes` bytes with a pattern no kernel writes by chance. */
void tw_guard_fill(void *guard, size_t bytes);

/* 1 when the pattern is untouched. */
int tw_guard_intact(const void *guard, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
