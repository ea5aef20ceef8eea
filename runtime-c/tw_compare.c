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
