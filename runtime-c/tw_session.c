/* Memory of one process: every buffer between guards, all of it allocated before the first inference. */
#include "tw_runner.h"

#include <stdlib.h>
#include <string.h>

#define GUARD_BYTES TW_ALIGN
/* Where a block begins: a way of every cache there is, so that times do not hang on what else the program holds. */
#define PLACE_BYTES ((size_t)1 << 16)

/* Layout of a block: guard, data, guard; the data begins at a multiple of TW_ALIGN. */
static int buffer_open(tw_buffer *buffer, size_t bytes)
{
    const size_t wanted = bytes + 2 * GUARD_BYTES;
    const size_t rounded = (wanted + PLACE_BYTES - 1) / PLACE_BYTES * PLACE_BYTES;

    buffer->block = aligned_alloc(PLACE_BYTES, rounded);
    if (buffer->block == NULL) {
        fprintf(stderr, "error: no memory for %zu bytes\n", bytes);
        return TW_EXIT_RESOURCE;
    }
    buffer->data = buffer->block + GUARD_BYTES;
    buffer->bytes = bytes;
    tw_guard_fill(buffer->block, GUARD_BYTES);
    tw_guard_fill(buffer->data + bytes, GUARD_BYTES);
    /* All bits set is a NaN: whatever reads memory that nothing wrote shows in the result. */
    memset(buffer->data, 0xff, bytes);
    return TW_EXIT_OK;
}

static int buffer_guards(const tw_buffer *buffer, const char *what, const char *name)
{
    const char *side = NULL;

    if (!tw_guard_intact(buffer->block, GUARD_BYTES))
        side = "before";
    else if (!tw_guard_intact(buffer->data + buffer->bytes, GUARD_BYTES))
        side = "after";
    if (side == NULL)
        return TW_EXIT_OK;
    fprintf(stderr, "error: memory %s the %s %s was overwritten\n", side, what, name);
    return TW_EXIT_GUARD;
}

static int open_buffers(tw_session *session)
{
    const tw_network *network = session->network;
    int code = buffer_open(&session->arena, network->arena_bytes);

    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++) {
        code = buffer_open(&session->inputs[i], network->inputs[i].floats * tw_type_bytes(tw_input_type(network, i)));
        session->input_data[i] = (const float *)(const void *)session->inputs[i].data;
    }
    for (int i = 0; i < network->output_count && code == TW_EXIT_OK; i++) {
        code = buffer_open(&session->outputs[i], network->outputs[i].floats * tw_type_bytes(tw_output_type(network, i)));
        session->output_data[i] = (float *)(void *)session->outputs[i].data;
    }
    return code;
}

int tw_session_open(tw_session *session, const tw_network *network, const tw_options *options)
{
    const int threads = options->threads;

    memset(session, 0, sizeof *session);
    session->network = network;
    int code = open_buffers(session);

    session->frame = (tw_frame){session->arena.data, network->weights, session->input_data,
                                session->output_data, NULL};
    if (code == TW_EXIT_OK && threads > 1) {
        const tw_status started = tw_pool_start(&session->pool_memory, threads);

        if (started == TW_OK) {
            session->pool = &session->pool_memory;
        } else {
            fprintf(stderr, "error: %d threads: %s\n", threads, tw_status_text(started));
            code = TW_EXIT_RESOURCE;
        }
    }
    if (code == TW_EXIT_OK)
        code = tw_cores_tie(session, &options->cores);
    if (code != TW_EXIT_OK)
        tw_session_close(session);
    return code;
}

void tw_session_close(tw_session *session)
{
    if (session->pool != NULL)
        tw_pool_stop(session->pool);
    free(session->arena.block);
    for (int i = 0; i < TW_MAX_PORTS; i++) {
        free(session->inputs[i].block);
        free(session->outputs[i].block);
    }
    memset(session, 0, sizeof *session);
}

int tw_session_guards(const tw_session *session)
{
    const tw_network *network = session->network;
    int code = buffer_guards(&session->arena, "arena of", network->name);

    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++)
        code = buffer_guards(&session->inputs[i], "input", network->inputs[i].name);
    for (int i = 0; i < network->output_count && code == TW_EXIT_OK; i++)
        code = buffer_guards(&session->outputs[i], "output", network->outputs[i].name);
    return code;
}

/* xorshift32 (Marsaglia 2003). */
static uint32_t next_random(uint32_t state)
{
    state ^= state << 13;
    state ^= state >> 17;
    return state ^ state << 5;
}

void tw_fill_random(float *data, size_t count, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1u;

    for (size_t i = 0; i < count; i++) {
        state = next_random(state);
        /* The top 24 bits make an exact float. */
        data[i] = (float)(state >> 8) / 8388608.0f - 1.0f;
    }
}

void tw_fill_random_bytes(unsigned char *data, size_t bytes, tw_type type, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1u;

    for (size_t i = 0; i < bytes; i++) {
        state = next_random(state);
        data[i] = (unsigned char)(state >> 24);
        /* The high byte of an f16: half to one, of either sign. */
        if (type == TW_F16 && i % 2 == 1)
            data[i] = (unsigned char)((data[i] & 0x83u) | 0x38u);
    }
}

void tw_fill_random_whole(void *data, size_t count, tw_type type, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1u;

    if (tw_type_bytes(type) == 1 && type != TW_BOOL) {
        tw_fill_random_bytes(data, count, type, seed);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        state = next_random(state);
        if (type == TW_F64)
            ((double *)data)[i] = (double)(state >> 8) / 8388608.0 - 1.0;
        else if (tw_type_bytes(type) == 8)
            ((int64_t *)data)[i] = state >> 8 & 7;
        else if (tw_type_bytes(type) == 2)
            ((int16_t *)data)[i] = (int16_t)(state >> 8 & 7);
        else if (tw_type_bytes(type) == 4)
            ((int32_t *)data)[i] = (int32_t)(state >> 8 & 7);
        else
            ((uint8_t *)data)[i] = (uint8_t)(state >> 8 & 1);
    }
}
