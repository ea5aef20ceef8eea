/* The clock, apart from the rest because it is all that needs POSIX time. */
#define _POSIX_C_SOURCE 200809L

#include "tilewright.h"

#include <time.h>

uint64_t tw_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
