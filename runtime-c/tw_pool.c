/* A fixed set of threads that share a layer's grid; idle ones sleep on a condition variable. */
#include "tw_pool.h"

#include <sched.h>

/*
 * Slices of a thread's share. Waking takes as long as a small layer: a thread that comes late finds less
 * to do, and none waits for another longer than a slice takes.
 */
enum { SLICES = 8 };

/* Of blocks that have steps, so many for each thread are not worth dividing. */
enum { BLOCKS_EACH = 2 };

/*
 * How long a thread looks for what cannot be far away before it sleeps: the caller for the end of the others' last
 * slices, the others for the next layer of an inference that is under way. 0: sleeps at once.
 */
#ifndef TW_LOOK_NS
#define TW_LOOK_NS 40000
#endif

/* Looks before the clock is read, and another thread of the processor may go first: it may be the one waited for. */
enum { LOOKS_AT_A_TIME = 64 };

/* Between two looks: leaves the core to its other thread, where it has one. Returns 0 when it is time to sleep. */
static int look_again(int look, uint64_t since)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield");
#endif
    if (look % LOOKS_AT_A_TIME != LOOKS_AT_A_TIME - 1)
        return 1;
    sched_yield();
    return (int64_t)(tw_clock_ns() - since) < TW_LOOK_NS;
}

/* A share is one word, so that taking from it is one step: round, first slice, slice after the last. */
enum { SLICE_BITS = 10 };
_Static_assert(SLICES * TW_MAX_THREADS < 1 << SLICE_BITS, "slices do not fit their bits");

static uint64_t share_of(uint64_t round, int begin, int end)
{
    return round << 2 * SLICE_BITS | (uint64_t)begin << SLICE_BITS | (uint64_t)end;
}

/* What a thread knows of a round: read under the lock, so that one that comes late meets no other layer. */
typedef struct tw_round {
    uint64_t number;
    int slices;
    int threads;
    tw_part part;
    const tw_layer *layer;
    const tw_frame *frame;
} tw_round;

/* A slice of the share, its first or its last; -1 when none is left or another round has begun. */
static int take(uint64_t *share, uint64_t round, int first)
{
    const int mask = (1 << SLICE_BITS) - 1;
    uint64_t now = __atomic_load_n(share, __ATOMIC_RELAXED);

    for (;;) {
        const int begin = (int)(now >> SLICE_BITS) & mask;
        const int end = (int)now & mask;

        if (now != share_of(round, begin, end) || begin >= end)
            return -1;
        const uint64_t rest = first ? share_of(round, begin + 1, end) : share_of(round, begin, end - 1);
        if (__atomic_compare_exchange_n(share, &now, rest, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return first ? begin : end - 1;
    }
}

static void run_slice(const tw_round *round, int slice, int thread)
{
    const tw_part *part = &round->part;
    const int64_t pieces = part->pieces;
    const int begin = part->begin + (int)(pieces * slice / round->slices) * part->piece;
    const int end = part->begin + (int)(pieces * (slice + 1) / round->slices) * part->piece;

    tw_layer_call(round->layer, round->frame, part->together ? 0 : thread, begin, end);
}

/* Own slices from the front, then the others' from the back. */
static void work(tw_pool *pool, const tw_round *round, int index)
{
    int done = 0;

    if (index >= round->threads)
        return;
    for (int i = 0; i < pool->threads; i++) {
        uint64_t *share = &pool->seats[(index + i) % pool->threads].share;

        for (int slice; (slice = take(share, round->number, i == 0)) >= 0; done++)
            run_slice(round, slice, index);
    }
    if (done > 0 && __atomic_sub_fetch(&pool->left, done, __ATOMIC_ACQ_REL) == 0 && index > 0) {
        pthread_mutex_lock(&pool->lock);
        if (pool->waiting)
            pthread_cond_signal(&pool->idle);
        pthread_mutex_unlock(&pool->lock);
    }
}

/* Within an inference the next layer is near: whoever is awake needs no waking. */
static void look_for_round(const tw_pool *pool, uint64_t seen)
{
    const uint64_t since = tw_clock_ns();

    for (int look = 0; __atomic_load_n(&pool->round, __ATOMIC_RELAXED) == seen; look++)
        if (!__atomic_load_n(&pool->running, __ATOMIC_RELAXED) || !look_again(look, since))
            return;
}

static void *serve(void *argument)
{
    const tw_seat *seat = argument;
    tw_pool *pool = seat->pool;
    uint64_t seen = 0;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == seen && !pool->stopping)
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->stopping)
            break;
        const tw_round round = {pool->round, pool->slices, pool->sharing, pool->part, pool->layer,
                                pool->frame};

        seen = round.number;
        pthread_mutex_unlock(&pool->lock);
        work(pool, &round, seat->index);
        look_for_round(pool, seen);
        pthread_mutex_lock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Ends and joins the threads of seats [1, count). */
static void dismiss(tw_pool *pool, int count)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < count; i++)
        pthread_join(pool->seats[i].thread, NULL);
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
}

tw_status tw_pool_start(tw_pool *pool, int threads)
{
    if (threads < 1 || threads > TW_MAX_THREADS)
        return TW_ERROR_THREADS;
    pool->layout = TW_POOL_LAYOUT;
    pool->threads = threads;
    pool->stopping = 0;
    pool->running = 0;
    pool->waiting = 0;
    pool->slices = 0;
    pool->sharing = 0;
    pool->left = 0;
    pool->round = 0;
    pool->layer = NULL;
    pool->frame = NULL;
    if (pthread_mutex_init(&pool->lock, NULL) != 0)
        return TW_ERROR_THREADS;
    if (pthread_cond_init(&pool->wake, NULL) != 0) {
        pthread_mutex_destroy(&pool->lock);
        return TW_ERROR_THREADS;
    }
    if (pthread_cond_init(&pool->idle, NULL) != 0) {
        pthread_cond_destroy(&pool->wake);
        pthread_mutex_destroy(&pool->lock);
        return TW_ERROR_THREADS;
    }
    for (int i = 1; i < threads; i++) {
        tw_seat *seat = &pool->seats[i];

        seat->pool = pool;
        seat->index = i;
        seat->share = 0;
        if (pthread_create(&seat->thread, NULL, serve, seat) != 0) {
            dismiss(pool, i);
            return TW_ERROR_THREADS;
        }
    }
    return TW_OK;
}

void tw_pool_stop(tw_pool *pool)
{
    dismiss(pool, pool->threads);
}

/* Returns when no slice is left. What is left has begun and takes no longer than a slice. */
static void await_others(tw_pool *pool)
{
    const uint64_t since = tw_clock_ns();

    for (int look = 0; __atomic_load_n(&pool->left, __ATOMIC_ACQUIRE) > 0; look++)
        if (!look_again(look, since))
            break;
    if (__atomic_load_n(&pool->left, __ATOMIC_ACQUIRE) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->waiting = 1;
    while (__atomic_load_n(&pool->left, __ATOMIC_ACQUIRE) > 0)
        pthread_cond_wait(&pool->idle, &pool->lock);
    pool->waiting = 0;
    pthread_mutex_unlock(&pool->lock);
}

void tw_pool_running(tw_pool *pool, int running)
{
    __atomic_store_n(&pool->running, running, __ATOMIC_RELAXED);
}

/* Hands out a part of a layer and returns when all of it is done. */
static void share(tw_pool *pool, const tw_layer *layer, const tw_frame *frame, tw_part part)
{
    if (part.pieces == 1) {
        tw_layer_call(layer, frame, 0, part.begin, part.begin + part.piece);
        return;
    }
    const int most = pool->threads * SLICES;
    const int slices = part.pieces < most ? part.pieces : most;
    /* There is scratch memory of their own for no more threads than pieces. */
    const int few = layer->scratch_bytes > 0 && part.pieces < pool->threads;
    const int sharing = few ? part.pieces : pool->threads;

    pthread_mutex_lock(&pool->lock);
    const tw_round round = {pool->round + 1, slices, sharing, part, layer, frame};

    __atomic_store_n(&pool->round, round.number, __ATOMIC_RELAXED);
    pool->slices = slices;
    pool->sharing = sharing;
    pool->part = part;
    pool->layer = layer;
    pool->frame = frame;
    __atomic_store_n(&pool->left, slices, __ATOMIC_RELAXED);
    for (int i = 0; i < pool->threads; i++) {
        const int begin = i < sharing ? slices * i / sharing : slices;
        const int end = i < sharing ? slices * (i + 1) / sharing : slices;

        __atomic_store_n(&pool->seats[i].share, share_of(round.number, begin, end), __ATOMIC_RELAXED);
    }
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);

    work(pool, &round, 0);
    await_others(pool);
}

/*
 * Where there are several blocks for each thread, as many as all have alike are theirs whole; what is left they share step by
 * step. Steps have slices to take over from a thread that comes late, few blocks have not.
 */
static int whole_blocks(const tw_layer *layer, int blocks, int threads)
{
    if (tw_layer_is_small(layer, blocks))
        return blocks;
    return blocks < BLOCKS_EACH * threads ? 0 : blocks - blocks % threads;
}

static void share_blocks(tw_pool *pool, const tw_layer *layer, const tw_frame *frame)
{
    const int block = layer->steps[layer->step_count - 1];
    const int whole = whole_blocks(layer, layer->grid / block, pool->threads);

    if (whole > 0)
        share(pool, layer, frame, (tw_part){0, whole, block, 0});
    for (int first = whole * block; first < layer->grid; first += block)
        for (int i = 0; i < layer->step_count; i++) {
            const int begin = i == 0 ? 0 : layer->steps[i - 1];

            share(pool, layer, frame, (tw_part){first + begin, layer->steps[i] - begin, 1, 1});
        }
}

void tw_pool_run(tw_pool *pool, const tw_layer *layer, const tw_frame *frame)
{
    if (layer->step_count > 0)
        share_blocks(pool, layer, frame);
    else
        share(pool, layer, frame, (tw_part){0, layer->grid, 1, 0});
}
