/* A fixed set of threads that share a layer's grid; idle ones sleep on a condition variable. */
#include "tw_pool.h"

/* Thread `index` of `threads` takes chunks [grid * index / threads, grid * (index + 1) / threads). */
static void run_part(const tw_layer *layer, const tw_frame *frame, int index, int threads)
{
    const int begin = (int)((int64_t)layer->grid * index / threads);
    const int end = (int)((int64_t)layer->grid * (index + 1) / threads);

    if (begin < end)
        layer->run(frame, begin, end);
}

static void *serve(void *argument)
{
    const tw_seat *seat = argument;
    tw_pool *pool = seat->pool;
    unsigned seen = 0;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->round == seen && !pool->stopping)
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->stopping)
            break;
        seen = pool->round;
        const tw_layer *layer = pool->layer;
        const tw_frame *frame = pool->frame;
        const int threads = pool->threads;

        pthread_mutex_unlock(&pool->lock);
        run_part(layer, frame, seat->index, threads);
        pthread_mutex_lock(&pool->lock);
        pool->pending--;
        if (pool->pending == 0)
            pthread_cond_signal(&pool->idle);
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
    pool->threads = threads;
    pool->stopping = 0;
    pool->pending = 0;
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

void tw_pool_run(tw_pool *pool, const tw_layer *layer, const tw_frame *frame)
{
    pthread_mutex_lock(&pool->lock);
    pool->layer = layer;
    pool->frame = frame;
    pool->pending = pool->threads - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);

    run_part(layer, frame, 0, pool->threads);

    pthread_mutex_lock(&pool->lock);
    while (pool->pending > 0)
        pthread_cond_wait(&pool->idle, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}
