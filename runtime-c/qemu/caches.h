/* Two or three levels of data caches with least-recently-used replacement, and a prefetcher. */
#ifndef TILEWRIGHT_CACHES_H
#define TILEWRIGHT_CACHES_H

#include <stdint.h>

/* What is behind a cache: cycles that a load waits for a line, and cycles between lines. */
struct source {
    uint64_t latency, interval;
    /* When the line asked for last is there. */
    uint64_t free_at;
};

struct cache {
    uint64_t sets, ways;
    /* Lines of each set, the most recent first. */
    uint64_t *lines;
    uint64_t misses;
    struct source source;
};

struct stream {
    uint64_t last;
    int64_t distance;
    int seen;
    uint64_t used;
};

enum { STREAMS = 32, LEVELS = 3 };

struct caches {
    /* From the smallest. */
    struct cache levels[LEVELS];
    unsigned count;
    unsigned line_bytes;
    /* Misses of a stream before the next are fetched ahead; 0: none are. */
    unsigned prefetch_after;
    /* Streams followed at a time; lines within which their misses follow one another; whether at equal distances. */
    unsigned prefetch_streams, prefetch_reach, prefetch_fixed;
    /* Lines that may be on their way while the core goes on; misses that loads wait for at a time. */
    unsigned ahead, overlap;
    struct stream streams[STREAMS];
    uint64_t clock, last_line;
    /* Cycles the core was stopped for, all and those for lines from memory. */
    uint64_t stalled, stalled_by_memory;
};

enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_PREFETCH };

/* Adds the next larger level; false: no memory, one too many, or a size that is not a number of sets. */
int caches_add(struct caches *caches, uint64_t bytes, uint64_t ways, struct source behind);

/*
 * Cycles an access at time `now` stops the core for. Lines that are fetched ahead, those of stores, which
 * wait in a buffer, and those of prefetches stop it only when more than `ahead` of them are on their way.
 */
uint64_t caches_access(struct caches *caches, uint64_t now, uint64_t address, unsigned bytes, enum access access);

#endif
