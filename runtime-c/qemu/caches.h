/* Two levels of data caches with least-recently-used replacement, and a prefetcher of lines at equal distances. */
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

enum { STREAMS = 16 };

struct caches {
    struct cache l1, l2;
    unsigned line_bytes;
    /* Misses at an equal distance before the next are fetched ahead; 0: none are. */
    unsigned prefetch_after;
    /* Lines that may be on their way while the core goes on; misses that loads wait for at a time. */
    unsigned ahead, overlap;
    struct stream streams[STREAMS];
    uint64_t clock, last_line;
};

/* Sizes in bytes; false: no memory, or a size that is not a number of sets. */
int caches_init(struct caches *caches, uint64_t l1_bytes, uint64_t l1_ways, uint64_t l2_bytes, uint64_t l2_ways);

/*
 * Cycles a load or store at time `now` stops the core for. Lines that are fetched ahead, and those of stores, which
 * wait in a buffer, stop it only when more than `ahead` of them are on their way.
 */
uint64_t caches_access(struct caches *caches, uint64_t now, uint64_t address, unsigned bytes, int store);

#endif
