/* Comparing results, and guard words around buffers. */
#include "tilewright.h"

#include <math.h>

static double abs_error(float a, float b)
{
    if (isnan(a) && isnan(b))
        return 0;
    if (a == b) /* also equal infinities, whose difference is NaN */
        return 0;
    const double difference = fabs((double)a - (double)b);

    return isnan(difference) ? (double)INFINITY : difference;
}

double tw_max_abs_error(const float *a, const float *b, size_t count, size_t *at)
{
    double worst = 0;
    size_t position = 0;

    for (size_t i = 0; i < count; i++) {
        const double error = abs_error(a[i], b[i]);

        if (error > worst) {
            worst = error;
            position = i;
        }
    }
    if (at != NULL)
        *at = position;
    return worst;
}

size_t tw_type_bytes(tw_type type)
{
    switch (type) {
    case TW_F16:
    case TW_I16:
    case TW_U16:
        return 2;
    case TW_I8:
    case TW_U8:
    case TW_BOOL:
        return 1;
    case TW_I64:
    case TW_U64:
    case TW_F64:
        return 8;
    case TW_F32:
    case TW_I32:
    case TW_U32:
        break;
    }
    return 4;
}

static double half_value(uint16_t bits)
{
    const int exponent = bits >> 10 & 31;
    const int fraction = bits & 1023;
    double size = ldexp(fraction, -24);

    if (exponent == 31)
        size = fraction == 0 ? (double)INFINITY : (double)NAN;
    else if (exponent > 0)
        size = ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 != 0 ? -size : size;
}

double tw_element(tw_type type, const void *data, size_t i)
{
    switch (type) {
    case TW_F16:
        return half_value(((const uint16_t *)data)[i]);
    case TW_I8:
        return ((const int8_t *)data)[i];
    case TW_U8:
    case TW_BOOL:
        return ((const uint8_t *)data)[i];
    case TW_I16:
        return ((const int16_t *)data)[i];
    case TW_U16:
        return ((const uint16_t *)data)[i];
    case TW_U32:
        return ((const uint32_t *)data)[i];
    case TW_U64:
        return (double)((const uint64_t *)data)[i];
    case TW_F64:
        return ((const double *)data)[i];
    case TW_I64:
        return (double)((const int64_t *)data)[i];
    case TW_I32:
        return ((const int32_t *)data)[i];
    case TW_F32:
        break;
    }
    return (double)((const float *)data)[i];
}

/* Changes with the position, so that a shifted copy of a guard is noticed too. */
static unsigned char guard_byte(size_t i)
{
    return (unsigned char)(0xa5u ^ (i * 29u));
}

void tw_guard_fill(void *guard, size_t bytes)
{
    unsigned char *byte = guard;

    for (size_t i = 0; i < bytes; i++)
        byte[i] = guard_byte(i);
}

int tw_guard_intact(const void *guard, size_t bytes)
{
    const unsigned char *byte = guard;

    for (size_t i = 0; i < bytes; i++)
        if (byte[i] != guard_byte(i))
            return 0;
    return 1;
}
