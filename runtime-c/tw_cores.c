/* Threads tied to cores: each to one of its own, so that none is moved while it is timed. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "tw_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int tw_cores_parse(const char *text, tw_cores *cores)
{
    char *end = NULL;

    cores->count = 0;
    for (;; text = end + 1) {
        const long first = strtol(text, &end, 10);
        const long last = end != text && *end == '-' ? strtol(end + 1, &end, 10) : first;

        if (end == text || *text == '-' || first < 0 || last < first || last > 1023)
            return 0;
        for (long core = first; core <= last; core++) {
            if (cores->count == TW_MAX_THREADS)
                return 0;
            cores->list[cores->count++] = (int)core;
        }
        if (*end != ',')
            return *end == '\0';
    }
}

#ifdef __linux__
#include <sched.h>

static int tie(pthread_t thread, int core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    return pthread_setaffinity_np(thread, sizeof set, &set);
}
#else
static int tie(pthread_t thread, int core)
{
    (void)thread;
    (void)core;
    return ENOSYS;
}
#endif

int tw_cores_tie(const tw_session *session, const tw_cores *cores)
{
    const int threads = session->pool == NULL ? 1 : session->pool->threads;

    for (int i = 0; i < threads && cores->count > 0; i++) {
        const pthread_t thread = i == 0 ? pthread_self() : session->pool->seats[i].thread;
        const int failed = tie(thread, cores->list[i]);

        if (failed != 0) {
            fprintf(stderr, "error: no thread can be tied to core %d: %s\n", cores->list[i], strerror(failed));
            return TW_EXIT_RESOURCE;
        }
    }
    return TW_EXIT_OK;
}
