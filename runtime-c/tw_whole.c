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

/* Floats of numbers of a type; whether each is held by one. */
#define TAKE(name, type, holds)                                                  \
    static int name(const type *from, float *to, size_t count)                   \
    {                                                                            \
        int held = 1;                                                            \
                                                                                 \
        for (size_t i = 0; i < count; i++) {                                     \
            to[i] = (float)from[i];                                              \
            held &= (holds);                                                     \
        }                                                                        \
        return held;                                                             \
    }

TAKE(take_i16, int16_t, 1)
TAKE(take_u16, uint16_t, 1)
TAKE(take_u32, uint32_t, from[i] <= MOST)
TAKE(take_u64, uint64_t, from[i] <= MOST)
/* The nearest float; a double that is finite must not be beyond all of them. */
TAKE(take_f64, double, !isfinite(from[i]) || isfinite(to[i]))

static int take(tw_type type, const void *data, float *floats, size_t count)
{
    switch (type) {
    case TW_I16:
        return take_i16(data, floats, count);
    case TW_U16:
        return take_u16(data, floats, count);
    case TW_U32:
        return take_u32(data, floats, count);
    case TW_U64:
        return take_u64(data, floats, count);
    case TW_F64:
        return take_f64(data, floats, count);
    default:
        return 0;
    }
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
    case TW_I16:
    case TW_U16:
    case TW_U32:
    case TW_U64:
    case TW_F64:
        break;
    }
    return 1;
}

tw_status tw_inputs_convert(const tw_network *network, const tw_frame *frame)
{
    for (int i = 0; network->whole_inputs && i < network->input_count; i++) {
        const tw_type type = tw_input_type(network, i);
        const size_t count = network->inputs[i].floats;
        float *floats = network->input_floats == NULL ? NULL : network->input_floats(frame, i);

        if (floats != NULL ? !take(type, frame->inputs[i], floats, count) : !input_held(type, frame->inputs[i], count))
            return TW_ERROR_RANGE;
    }
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
CONVERT(to_i16, int16_t, -32768.0f, 32768.0f)
CONVERT(to_u16, uint16_t, 0.0f, 65536.0f)
CONVERT(to_u32, uint32_t, 0.0f, 0x1p32f)
CONVERT(to_u64, uint64_t, 0.0f, 0x1p64f)
CONVERT(to_i32, int32_t, -0x1p31f, 0x1p31f)
CONVERT(to_i64, int64_t, -0x1p63f, 0x1p63f)

static int to_f64(const float *from, double *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
    return 1;
}

static int convert(tw_type type, const float *from, void *to, size_t count)
{
    switch (type) {
    case TW_BOOL:
        return to_bool(from, to, count);
    case TW_U8:
        return to_u8(from, to, count);
    case TW_I8:
        return to_i8(from, to, count);
    case TW_I16:
        return to_i16(from, to, count);
    case TW_U16:
        return to_u16(from, to, count);
    case TW_U32:
        return to_u32(from, to, count);
    case TW_U64:
        return to_u64(from, to, count);
    case TW_F64:
        return to_f64(from, to, count);
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
