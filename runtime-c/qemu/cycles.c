/*
 * A plugin for qemu-user that models the cycles executed AArch64 code takes on a core.
 *
 *     qemu-aarch64 -cpu cortex-a72 -plugin libcycles.so,out=FILE,width=3,... program ...
 *
 * Each block of straight-line code costs what a scoreboard (pipeline.c) says it adds after the block that ran
 * before it; a block that follows itself costs its steady state. qemu also cuts blocks where its buffers or
 * a page of code ends: such pieces are joined again before they are priced. Misses of modelled caches
 * (caches.c) are added. A load to the zero register is a prefetch: nothing waits for it.
 *
 * At exit FILE gets a line of JSON: cycles, instructions, l1_misses, l2_misses, l2_stalls and memory_stalls (cycles
 * of them that the core waits for lines of a cache behind the first one, or of memory), and `marks`: the same six
 * numbers, in this order, whenever MARK ran. For programs of one thread, and qemu 4.2 to 8.2: its plugin
 * interface is declared here, as distributions ship no header.
 *
 * The options, all of them needed and all whole numbers, are listed in `options` below.
 */
#include "caches.h"
#include "pipeline.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
/* The first member of QEMU's structure. */
struct qemu_info_t {
    const char *target_name;
};
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CB_NO_REGS = 0 };
enum { MEM_RW = 3 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*callback)(unsigned, void *),
                                                   int flags, void *data);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*callback)(unsigned, void *),
                                                 int flags, void *data);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                             void (*callback)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *),
                                             int flags, int access, void *data);
extern bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
extern unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *),
                                           void *data);

EXPORTED int qemu_plugin_version = 1;

/* hint #0x70, which cores pass over. */
#define MARK 0xd5032e1fu

/* MOST_JOINED: instructions of pieces joined to one block, more than any straight-line code that was seen. */
enum { EDGES = 8, JOINS = 4, MOST_JOINED = 1 << 14 };

struct block {
    size_t n;
    uint64_t begin, end;
    /* Another piece may go on where this one ends. */
    bool open;
    /* What it adds after itself (0: not known yet), and after others that ran before it, as they come. */
    uint64_t repeated;
    const struct block *before[EDGES];
    uint64_t after[EDGES];
    unsigned next_edge;
    /* Pieces that went on where this one ends, and both together. */
    const struct block *piece[JOINS];
    struct block *joined[JOINS];
    struct a64 insns[];
};

static struct core core;
static struct caches caches;
/* Of each level, the smallest first: bytes (0: there is none), ways; and what a line from behind it costs. */
static struct level {
    int bytes, ways, latency, interval;
} levels[LEVELS], memory;
static int line_bytes, prefetch_after, prefetch_streams, prefetch_reach, prefetch_fixed, ahead, overlap;
static char out_path[4096];
/* The last block that was priced, and the one that runs, of which more pieces may come. */
static const struct block *previous;
static struct block *running;
/* In units of 1 / CYCLE. */
static uint64_t cycles;
static uint64_t instructions;
enum { COUNTS = 6 };
static uint64_t (*marks)[COUNTS];
static size_t mark_count, mark_room;

static const struct option {
    const char *name;
    int *value;
} options[] = {
    {"inOrder", &core.in_order},
    {"width", &core.width},
    {"widthInUops", &core.width_in_uops},
    {"window", &core.window},
    {"simd", &core.ports[PORT_SIMD]},
    {"load", &core.ports[PORT_LOAD]},
    {"store", &core.ports[PORT_STORE]},
    {"integer", &core.ports[PORT_INTEGER]},
    {"branch", &core.ports[PORT_BRANCH]},
    {"sharedLoadStore", &core.shared_memory_ports},
    {"loadBytes", &core.load_bytes},
    {"storeBytes", &core.store_bytes},
    {"storeSimdBytes", &core.store_simd_bytes},
    {"fpBytes", &core.fp_bytes},
    {"simdBytes", &core.simd_bytes},
    {"productCycles", &core.special[A64_PRODUCT - A64_PRODUCT]},
    {"longProductCycles", &core.special[A64_LONG_PRODUCT - A64_PRODUCT]},
    {"pairSumCycles", &core.special[A64_PAIR_SUM - A64_PRODUCT]},
    {"shiftCycles", &core.special[A64_SHIFT - A64_PRODUCT]},
    {"convertCycles", &core.special[A64_CONVERT - A64_PRODUCT]},
    {"ownPorts", &core.own_ports},
    {"wideAlone", &core.wide_alone},
    {"wideFirst", &core.wide_first},
    {"fma", &core.latency[A64_FMA]},
    {"fmaAccumulate", &core.fma_accumulate},
    {"fmul", &core.latency[A64_FMUL]},
    {"fadd", &core.latency[A64_FADD]},
    {"fdiv", &core.latency[A64_FDIV]},
    {"fdivInterval", &core.fdiv_interval},
    {"vector", &core.latency[A64_SIMD]},
    {"product", &core.latency[A64_LONG_PRODUCT]},
    {"productAccumulate", &core.product_accumulate},
    {"pairSum", &core.latency[A64_PAIR_SUM]},
    {"shift", &core.latency[A64_SHIFT]},
    {"convert", &core.latency[A64_CONVERT]},
    {"toVector", &core.latency[A64_TO_VECTOR]},
    {"fromVector", &core.latency[A64_FROM_VECTOR]},
    {"loadInteger", &core.latency[A64_LOAD]},
    {"loadVector", &core.load_vector},
    {"loadPair", &core.load_pair},
    {"addressAfter", &core.address_after},
    {"add", &core.latency[A64_INTEGER]},
    {"multiply", &core.latency[A64_MULTIPLY]},
    {"l1Bytes", &levels[0].bytes},
    {"l1Ways", &levels[0].ways},
    {"l2Bytes", &levels[1].bytes},
    {"l2Ways", &levels[1].ways},
    {"l3Bytes", &levels[2].bytes},
    {"l3Ways", &levels[2].ways},
    {"lineBytes", &line_bytes},
    {"prefetchAfter", &prefetch_after},
    {"prefetchStreams", &prefetch_streams},
    {"prefetchReach", &prefetch_reach},
    {"prefetchFixed", &prefetch_fixed},
    {"l2Latency", &levels[1].latency},
    {"l2Interval", &levels[1].interval},
    {"l3Latency", &levels[2].latency},
    {"l3Interval", &levels[2].interval},
    {"memoryLatency", &memory.latency},
    {"memoryInterval", &memory.interval},
    {"ahead", &ahead},
    {"overlap", &overlap},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static void *allocated(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "cycles: no memory\n");
        abort();
    }
    return memory;
}

static struct block *new_block(uint64_t begin, uint64_t end, size_t n)
{
    struct block *block = allocated(calloc(1, sizeof *block + n * sizeof block->insns[0]));

    block->begin = begin;
    block->end = end;
    block->n = n;
    return block;
}

static uint64_t cost_after_previous(struct block *block)
{
    unsigned edge;

    if (previous == block) {
        if (block->repeated == 0)
            block->repeated = cycles_repeated(&core, block->insns, block->n);
        return block->repeated;
    }
    for (edge = 0; edge < EDGES; edge++)
        if (block->before[edge] == previous && previous != NULL)
            return block->after[edge];
    edge = block->next_edge++ % EDGES;
    block->before[edge] = previous;
    block->after[edge] = previous == NULL ? cycles_after(&core, NULL, 0, block->insns, block->n)
                                          : cycles_after(&core, previous->insns, previous->n, block->insns, block->n);
    return block->after[edge];
}

/* The block of both; more than JOINS ways to go on are as good as none. */
static struct block *join(struct block *block, const struct block *piece)
{
    struct block *both;
    int i = 0;

    while (i < JOINS && block->piece[i] != NULL && block->piece[i] != piece)
        i++;
    if (i == JOINS)
        return NULL;
    if (block->piece[i] == piece)
        return block->joined[i];
    both = new_block(block->begin, piece->end, block->n + piece->n);
    both->open = piece->open;
    memcpy(both->insns, block->insns, block->n * sizeof block->insns[0]);
    memcpy(both->insns + block->n, piece->insns, piece->n * sizeof piece->insns[0]);
    block->piece[i] = piece;
    block->joined[i] = both;
    return both;
}

/* Nothing goes on where the block ends. */
static void complete(void)
{
    if (running == NULL)
        return;
    cycles += cost_after_previous(running);
    instructions += running->n;
    previous = running;
    running = NULL;
}

static void executed(unsigned cpu, void *data)
{
    struct block *piece = data, *both = NULL;

    (void)cpu;
    if (running != NULL && running->open && running->end == piece->begin && running->n + piece->n <= MOST_JOINED)
        both = join(running, piece);
    if (both == NULL) {
        complete();
        both = piece;
    }
    running = both;
}

static void accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
    enum access access = data != NULL ? ACCESS_PREFETCH : qemu_plugin_mem_is_store(info) ? ACCESS_STORE : ACCESS_LOAD;
    unsigned bytes = access == ACCESS_PREFETCH ? 1 : 1u << qemu_plugin_mem_size_shift(info);

    (void)cpu;
    cycles += CYCLE * caches_access(&caches, cycles / CYCLE, address, bytes, access);
}

/* What a test asks for: more operations around each access, so that qemu cuts blocks elsewhere. */
#ifndef CALLBACKS
#define CALLBACKS 1
#endif

static void ignored(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
    (void)cpu;
    (void)info;
    (void)address;
    (void)data;
}

static void counts(uint64_t to[COUNTS])
{
    to[0] = cycles / CYCLE;
    to[1] = instructions;
    to[2] = caches.levels[0].misses;
    to[3] = caches.levels[1].misses;
    to[4] = caches.stalled - caches.stalled_by_memory;
    to[5] = caches.stalled_by_memory;
}

static void marked(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (mark_count == mark_room) {
        mark_room = mark_room == 0 ? 256 : 2 * mark_room;
        marks = allocated(realloc(marks, mark_room * sizeof *marks));
    }
    counts(marks[mark_count++]);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    uint64_t begin = qemu_plugin_tb_vaddr(tb);
    struct block *block = new_block(begin, begin + 4 * n, n);

    (void)id;
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        struct a64 *decoded = &block->insns[i];
        uint32_t word;

        memcpy(&word, qemu_plugin_insn_data(insn), sizeof word);
        *decoded = a64_decode(word);
        if (word == MARK)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, CB_NO_REGS, NULL);
        if (decoded->kind == A64_LOAD || decoded->kind == A64_STORE)
            for (int again = 0; again < CALLBACKS; again++)
                qemu_plugin_register_vcpu_mem_cb(insn, again == 0 ? accessed : ignored, CB_NO_REGS, MEM_RW,
                                                 decoded->prefetch ? decoded : NULL);
    }
    block->open = n > 0 && block->insns[n - 1].kind != A64_BRANCH;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, CB_NO_REGS, block);
}

static void finished(qemu_plugin_id_t id, void *data)
{
    static const char *const names[COUNTS] = {"cycles",    "instructions", "l1_misses",
                                              "l2_misses", "l2_stalls",    "memory_stalls"};
    FILE *out = fopen(out_path, "w");
    uint64_t total[COUNTS];

    (void)id;
    (void)data;
    if (out == NULL) {
        fprintf(stderr, "cycles: cannot write %s\n", out_path);
        return;
    }
    complete();
    counts(total);
    for (int i = 0; i < COUNTS; i++)
        fprintf(out, "%s\"%s\":%" PRIu64, i == 0 ? "{" : ",", names[i], total[i]);
    fprintf(out, ",\"marks\":[");
    for (size_t mark = 0; mark < mark_count; mark++)
        for (int i = 0; i < COUNTS; i++)
            fprintf(out, "%s%" PRIu64 "%s", i > 0 ? "," : mark == 0 ? "[" : ",[", marks[mark][i],
                    i == COUNTS - 1 ? "]" : "");
    fprintf(out, "]}\n");
    fclose(out);
}

static int set_option(const char *text)
{
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - text);

    if (length == 3 && strncmp(text, "out", 3) == 0 && strlen(equals + 1) < sizeof out_path) {
        strcpy(out_path, equals + 1);
        return 1;
    }
    for (size_t i = 0; i < OPTIONS; i++)
        if (strlen(options[i].name) == length && strncmp(text, options[i].name, length) == 0) {
            *options[i].value = atoi(equals + 1);
            return 1;
        }
    return 0;
}

/* The levels there are, each with what comes from the next one or memory. */
static int set_caches(void)
{
    int count = levels[2].bytes > 0 ? 3 : 2;

    caches.line_bytes = (unsigned)line_bytes;
    caches.prefetch_after = (unsigned)prefetch_after;
    caches.prefetch_streams = (unsigned)(prefetch_streams < STREAMS ? prefetch_streams : STREAMS);
    caches.prefetch_reach = (unsigned)prefetch_reach;
    caches.prefetch_fixed = (unsigned)prefetch_fixed;
    caches.ahead = (unsigned)ahead;
    caches.overlap = (unsigned)overlap;
    for (int i = 0; i < count; i++) {
        const struct level *behind = i + 1 < count ? &levels[i + 1] : &memory;
        struct source source = {.latency = (uint64_t)behind->latency, .interval = (uint64_t)behind->interval};

        if (!caches_add(&caches, (uint64_t)levels[i].bytes, (uint64_t)levels[i].ways, source))
            return 0;
    }
    return 1;
}

static int complain(const char *what, const char *which)
{
    fprintf(stderr, "cycles: %s %s\n", what, which);
    return -1;
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
    if (strcmp(info->target_name, "aarch64") != 0)
        return complain("decodes aarch64 only, not", info->target_name);
    for (size_t i = 0; i < OPTIONS; i++)
        *options[i].value = -1;
    for (int i = 0; i < argc; i++)
        if (!set_option(argv[i]))
            return complain("no such option:", argv[i]);
    for (size_t i = 0; i < OPTIONS; i++)
        if (*options[i].value < 0)
            return complain("missing option:", options[i].name);
    if (out_path[0] == '\0')
        return complain("missing option:", "out");
    if (line_bytes < 1 || overlap < 1 || core.width < 1 || core.window < 1)
        return complain("an option may not be 0:", "lineBytes, overlap, width or window");
    core.ports[PORT_DIVIDER] = core.ports[PORT_FIRST] = core.ports[PORT_SECOND] = 1;
    core.latency[A64_PRODUCT] = core.latency[A64_LONG_PRODUCT];
    if (!set_caches())
        return complain("cache sizes are no number of lines:", "l1Bytes, l2Bytes, l3Bytes");
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
