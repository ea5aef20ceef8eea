/* Whole numbers that go into a network and come out of it: it computes in floats, which hold each of them up to 2^24. */
#include "tilewright.h"

#include <math.h>

/* Beyond it floats leave numbers out. */
#define MOST 16777216

static int held_i32(const int32_t *data, size_t count)
{
    int held = 1;

    for (size_t i = 0; i < count; i++)
        held &= data[i] >= -MOST && data[i] <= MOST;
    return held;
}

static int held_i64(const int64_t *data, size_t count)
{
    int held = 1;

    for (size_t i = 0; i < count; i++)
        held &= data[i] >= -MOST && data[i] <= MOST;
    return held;
}

static int held_bool(const uint8_t *data, size_t count)
{
    int held = 1;

    for (size_t i = 0; i < count; i++)
        held &= data[i] <= 1;
    return held;
}

static int input_held(tw_type type, const void *data, size_t count)
{
    switch (type) {
    case TW_I32:
        return held_i32(data, count);
    case TW_I64:
        return held_i64(data, count);
    case TW_BOOL:
        return held_bool(data, count);
    case TW_F32:
    case TW_F16:
    case TW_I8:
    case TW_U8:
        break;
    }
    return 1;
}

tw_status tw_inputs_check(const tw_network *network, const tw_frame *frame)
{
    for (int i = 0; network->whole_inputs && i < network->input_count; i++)
        if (!input_held(tw_input_type(network, i), frame->inputs[i], network->inputs[i].floats))
            return TW_ERROR_RANGE;
    return TW_OK;
}

/* Whole numbers of a type lie from `least` to below `end`, both floats. NaN lies nowhere. */
#define CONVERT(name, type, least, end)                                          \
    static int name(const float *from, type *to, size_t count)                   \
    {                                                                            \
        int held = 1;                                                            \
                                                                                 \
        for (size_t i = 0; i < count; i++) {                                     \
            const int fits = from[i] >= (least) && from[i] < (end);              \
            const float value = fits ? from[i] : 0.0f;                           \
                                                                                 \
            to[i] = (type)value;                                                 \
            held &= fits & (truncf(value) == value);                             \
        }                                                                        \
        return held;                                                             \
    }

CONVERT(to_bool, uint8_t, 0.0f, 2.0f)
CONVERT(to_u8, uint8_t, 0.0f, 256.0f)
CONVERT(to_i8, int8_t, -128.0f, 128.0f)
CONVERT(to_i32, int32_t, -0x1p31f, 0x1p31f)
CONVERT(to_i64, int64_t, -0x1p63f, 0x1p63f)

static int convert(tw_type type, const float *from, void *to, size_t count)
{
    switch (type) {
    case TW_BOOL:
        return to_bool(from, to, count);
    case TW_U8:
        return to_u8(from, to, count);
    case TW_I8:
        return to_i8(from, to, count);
    case TW_I32:
        return to_i32(from, to, count);
    case TW_I64:
        return to_i64(from, to, count);
    case TW_F32:
    case TW_F16:
        break;
    }
    return 0;
}

tw_status tw_outputs_convert(const tw_network *network, const tw_frame *frame)
{
    int held = 1;

    for (int i = 0; network->output_floats != NULL && i < network->output_count; i++) {
        const float *floats = network->output_floats(frame, i);

        if (floats != NULL)
            held &= convert(tw_output_type(network, i), floats, frame->outputs[i], network->outputs[i].floats);
    }
    if (network->checks != NULL && !(network->checks(frame) == 0.0f))
        return TW_ERROR_INDEX;
    return held ? TW_OK : TW_ERROR_RANGE;
}
