/*
 * A plugin for qemu-user that counts executed guest instructions.
 *
 *     qemu-aarch64 -cpu cortex-a72 -plugin libicount.so,out=FILE program ...
 *
 * At exit FILE gets one line with the decimal count. The count does not depend on the host or its
 * load. Distributions ship no plugin header, so the few functions used are declared here, as in
 * QEMU's documentation of the plugin interface.
 *
 * PLUGIN_API 1 is for qemu 4.2 to 8.2. There the counter is shared, so only a program of one thread
 * is counted exactly. PLUGIN_API 2, for qemu 9 and later, has a counter for each thread.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef PLUGIN_API
#define PLUGIN_API 1
#endif

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_info_t;
struct qemu_plugin_tb;
enum { INLINE_ADD_U64 = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *),
                                           void *data);

EXPORTED int qemu_plugin_version = PLUGIN_API;

static char out_path[4096];

#if PLUGIN_API == 1

extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int op, void *counter,
                                                     uint64_t value);

static uint64_t counter;

static void count_block(struct qemu_plugin_tb *block)
{
    qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD_U64, &counter, qemu_plugin_tb_n_insns(block));
}

static void open_counter(void)
{
}

static uint64_t total(void)
{
    return counter;
}

#else

struct qemu_plugin_scoreboard;
typedef struct {
    struct qemu_plugin_scoreboard *score;
    size_t offset;
} qemu_plugin_u64;

extern struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size);
extern void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *block, int op,
                                                              qemu_plugin_u64 counter, uint64_t value);
extern uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 counter);

static qemu_plugin_u64 counter;

static void count_block(struct qemu_plugin_tb *block)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(block, INLINE_ADD_U64, counter,
                                                      qemu_plugin_tb_n_insns(block));
}

static void open_counter(void)
{
    counter.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
}

static uint64_t total(void)
{
    return qemu_plugin_u64_sum(counter);
}

#endif

/* Called once for each block translated; from then on its every execution adds its length. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    count_block(block);
}

static void finished(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *out = fopen(out_path, "w");

    if (out == NULL) {
        fprintf(stderr, "icount: cannot write %s\n", out_path);
        return;
    }
    fprintf(out, "%" PRIu64 "\n", total());
    fclose(out);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], "out=", 4) == 0 && strlen(argv[i] + 4) < sizeof out_path)
            strcpy(out_path, argv[i] + 4);
    if (out_path[0] == '\0') {
        fprintf(stderr, "icount: give the file for the count: -plugin PLUGIN,out=FILE\n");
        return -1;
    }
    open_counter();
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
