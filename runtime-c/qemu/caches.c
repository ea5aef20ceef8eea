#include "caches.h"
#include <stdlib.h>
#include <string.h>

static int cache_init(struct cache *cache, uint64_t bytes, uint64_t ways, unsigned line_bytes)
{
    uint64_t lines = bytes / line_bytes;

    if (ways == 0 || lines == 0 || lines % ways != 0)
        return 0;
    cache->ways = ways;
    cache->sets = lines / ways;
    cache->lines = malloc(lines * sizeof *cache->lines);
    if (cache->lines == NULL)
        return 0;
    memset(cache->lines, 0xff, lines * sizeof *cache->lines);
    return 1;
}

int caches_add(struct caches *caches, uint64_t bytes, uint64_t ways, struct source behind)
{
    if (caches->count == LEVELS || !cache_init(&caches->levels[caches->count], bytes, ways, caches->line_bytes))
        return 0;
    caches->levels[caches->count++].source = behind;
    caches->last_line = UINT64_MAX;
    return 1;
}

/* True: the line was there. It is the most recent now. */
static int touch(struct cache *cache, uint64_t line)
{
    uint64_t *set = cache->lines + line % cache->sets * cache->ways;
    uint64_t way = 0;
    int hit;

    while (way < cache->ways - 1 && set[way] != line)
        way++;
    hit = set[way] == line;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = line;
    cache->misses += !hit;
    return hit;
}

/* The stream a line goes on with: at its distance, or the nearest within reach; NULL: none. `oldest` may be replaced. */
static struct stream *followed(struct caches *caches, uint64_t line, struct stream **oldest)
{
    struct stream *near = NULL;
    uint64_t nearest = caches->prefetch_reach + 1;

    *oldest = &caches->streams[0];
    for (unsigned i = 0; i < caches->prefetch_streams; i++) {
        struct stream *stream = &caches->streams[i];
        int64_t distance = (int64_t)(line - stream->last);
        uint64_t apart = (uint64_t)(distance < 0 ? -distance : distance);

        if (stream->used < (*oldest)->used)
            *oldest = stream;
        if (stream->used == 0)
            continue;
        if (stream->distance != 0 && distance == stream->distance)
            return stream;
        if (apart < nearest) {
            near = stream;
            nearest = apart;
        }
    }
    return near;
}

/* True: earlier misses made the prefetcher ask for this line. */
static int foreseen(struct caches *caches, uint64_t line)
{
    struct stream *oldest, *stream = followed(caches, line, &oldest);
    int64_t distance = stream == NULL ? 0 : (int64_t)(line - stream->last);

    if (stream == NULL) {
        stream = oldest;
        stream->seen = 0;
    } else if (caches->prefetch_fixed && distance != stream->distance) {
        stream->seen = 1;
    } else {
        stream->seen++;
    }
    stream->distance = distance;
    stream->last = line;
    stream->used = ++caches->clock;
    return caches->prefetch_after != 0 && stream->seen > (int)caches->prefetch_after;
}

/* Lines come one after another; what the core waits until no more than `ahead` are on their way. */
static uint64_t fetch(const struct caches *caches, struct source *source, uint64_t now)
{
    uint64_t allowed = now + caches->ahead * source->interval;

    source->free_at = (source->free_at > now ? source->free_at : now) + source->interval;
    return source->free_at > allowed ? source->free_at - allowed : 0;
}

static uint64_t access_line(struct caches *caches, uint64_t now, uint64_t line, enum access access)
{
    struct source *source;
    unsigned level = 0;
    int ahead;
    uint64_t stopped;

    if (line == caches->last_line)
        return 0;
    caches->last_line = line;
    while (level < caches->count && !touch(&caches->levels[level], line))
        level++;
    if (level == 0)
        return 0;
    source = &caches->levels[level - 1].source;
    ahead = foreseen(caches, line) || access != ACCESS_LOAD;
    stopped = fetch(caches, source, now);
    if (!ahead)
        stopped += source->latency / caches->overlap;
    caches->stalled += stopped;
    if (level == caches->count)
        caches->stalled_by_memory += stopped;
    return stopped;
}

uint64_t caches_access(struct caches *caches, uint64_t now, uint64_t address, unsigned bytes, enum access access)
{
    uint64_t first = address / caches->line_bytes, last = (address + bytes - 1) / caches->line_bytes;
    uint64_t stopped = 0;

    for (uint64_t line = first; line <= last; line++)
        stopped += access_line(caches, now + stopped, line, access);
    return stopped;
}
