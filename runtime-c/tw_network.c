/* Running a network: checks first, then its layers in order. */
#include "tilewright.h"

#include "tw_pool.h"

const char *tw_status_text(tw_status status)
{
    switch (status) {
    case TW_OK:
        return "ok";
    case TW_ERROR_NULL:
        return "a null pointer was given for the arena, an input or an output";
    case TW_ERROR_ALIGNMENT:
        return "the arena is not aligned to 64 bytes";
    case TW_ERROR_ARENA_SIZE:
        return "the arena is too small";
    case TW_ERROR_THREADS:
        return "the threads could not be started";
    case TW_ERROR_POOL:
        return "the pool was started by another version of the runtime";
    case TW_ERROR_RANGE:
        return "an input or a result is a whole number that floats, or its type, do not hold";
    case TW_ERROR_INDEX:
        return "the network computed an index that names no element, or a whole number that floats do not hold";
    }
    return "unknown status";
}

tw_status tw_arena_check(const tw_network *network, const void *arena, size_t bytes)
{
    if (arena == NULL)
        return network->arena_bytes == 0 ? TW_OK : TW_ERROR_NULL;
    if ((uintptr_t)arena % TW_ALIGN != 0)
        return TW_ERROR_ALIGNMENT;
    return bytes < network->arena_bytes ? TW_ERROR_ARENA_SIZE : TW_OK;
}

tw_status tw_frame_check(const tw_network *network, const tw_frame *frame)
{
    const tw_status arena = tw_arena_check(network, frame->arena, network->arena_bytes);

    if (arena != TW_OK)
        return arena;
    for (int i = 0; i < network->input_count; i++)
        if (frame->inputs[i] == NULL)
            return TW_ERROR_NULL;
    for (int i = 0; i < network->output_count; i++)
        if (frame->outputs[i] == NULL)
            return TW_ERROR_NULL;
    return TW_OK;
}

/* Some ten microseconds of work: about what it takes to wake threads and to wait for them. */
#ifndef TW_SMALL_MACS
#define TW_SMALL_MACS (1 << 18)
#endif
#ifndef TW_SMALL_BYTES
#define TW_SMALL_BYTES (1 << 18)
#endif

int tw_layer_is_small(const tw_layer *layer, int parts)
{
    return layer->macs / (uint64_t)parts < TW_SMALL_MACS && layer->bytes / (size_t)parts < TW_SMALL_BYTES;
}

/* Where a layer begins and ends, for tools that run the program: an instruction that processors pass over. */
#if defined(__aarch64__)
#define TW_MARK() __asm__ volatile("hint #0x70")
#else
#define TW_MARK() ((void)0)
#endif

void tw_layer_call(const tw_layer *layer, const tw_frame *frame, int thread, int begin, int end)
{
    tw_frame own = *frame;

    if (layer->scratch_bytes > 0)
        own.scratch = frame->arena + layer->scratch + (size_t)thread * layer->scratch_bytes;
    layer->run(&own, begin, end);
}

void tw_layer_run(const tw_layer *layer, const tw_frame *frame, struct tw_pool *pool)
{
    TW_MARK();
    /* Waking threads for a single chunk, or for little, would only cost time. */
    if (pool == NULL || layer->grid < 2 || tw_layer_is_small(layer, 1))
        tw_layer_call(layer, frame, 0, 0, layer->grid);
    else
        tw_pool_run(pool, layer, frame);
    TW_MARK();
}

tw_status tw_network_run(const tw_network *network, const tw_frame *frame, struct tw_pool *pool)
{
    tw_status status = tw_frame_check(network, frame);

    if (status == TW_OK)
        status = tw_inputs_convert(network, frame);
    if (status != TW_OK)
        return status;
    if (pool != NULL && pool->layout != TW_POOL_LAYOUT)
        return TW_ERROR_POOL;
    if (pool != NULL)
        tw_pool_running(pool, 1);
    for (int i = 0; i < network->layer_count; i++)
        tw_layer_run(&network->layers[i], frame, pool);
    if (pool != NULL)
        tw_pool_running(pool, 0);
    return tw_outputs_convert(network, frame);
}

const unsigned char *tw_layer_result(const tw_layer *layer, const tw_frame *frame)
{
    if (layer->output >= 0)
        return (const unsigned char *)frame->outputs[layer->output];
    return frame->arena + layer->offset;
}
