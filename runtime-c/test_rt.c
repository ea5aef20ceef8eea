/* Unit tests of the runtime: a network of three layers written by hand. Prints a line per test. */
#define _GNU_SOURCE
#include "tw_runner.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static int passes;

static void check(int condition, const char *what)
{
    if (condition) {
        passes++;
    } else {
        failures++;
        fprintf(stderr, "not ok: %s\n", what);
    }
}

/* ---- a network: y = 2 (x + 1), then every element once more through a third layer ---------------- */

enum { COUNT = 103 };

static void add_one(const tw_frame *frame, int begin, int end)
{
    float *out = tw_arena_at(frame, 0);

    for (int i = begin; i < end; i++)
        out[i] = frame->inputs[0][i] + tw_weights_at(frame, 0)[0];
}

static void twice(const tw_frame *frame, int begin, int end)
{
    const float *in = tw_arena_at(frame, 0);

    for (int i = begin; i < end; i++)
        tw_arena_at(frame, 448)[i] = 2 * in[i];
}

static void copy(const tw_frame *frame, int begin, int end)
{
    if (begin < end)
        memcpy(frame->outputs[0], tw_arena_at(frame, 448), COUNT * sizeof(float));
}

static const float one[16] = {1};
static const int dims[] = {1, COUNT};
static const tw_port in_port = {"x", COUNT, 2, dims};
static const tw_port out_port = {"y", COUNT, 2, dims};
/* They say that they are large: small layers are not shared. */
static const tw_layer layers[] = {
    {.name = "add", .op = "add", .kernel = "add_one", .macs = 1 << 20, .run = add_one, .grid = COUNT,
     .bytes = COUNT * sizeof(float), .output = -1},
    {.name = "mul", .op = "mul", .kernel = "twice", .macs = 1 << 20, .run = twice, .grid = COUNT,
     .offset = 448, .bytes = COUNT * sizeof(float), .output = -1},
    {.name = "copy", .op = "copy", .kernel = "copy", .run = copy, .grid = 1, .bytes = COUNT * sizeof(float)},
};

static tw_network make_network(void)
{
    const tw_network network = {"hand\"made", 896, (const unsigned char *)one, sizeof one, 1, &in_port, 1,
                                &out_port,    3,   layers, NULL, NULL, 0, NULL, NULL, NULL};

    return network;
}

static _Alignas(TW_ALIGN) unsigned char arena[896 + TW_ALIGN];

static int right(const float *y)
{
    for (int i = 0; i < COUNT; i++)
        if (y[i] != 2 * ((float)i + 1))
            return 0;
    return 1;
}

static void test_network(void)
{
    const tw_network network = make_network();
    float x[COUNT], y[COUNT] = {0};
    const float *inputs[] = {x};
    float *outputs[] = {y};
    tw_frame frame = {arena, network.weights, inputs, outputs, NULL};

    for (int i = 0; i < COUNT; i++)
        x[i] = (float)i;
    check(tw_network_run(&network, &frame, NULL) == TW_OK && right(y), "network on one thread");
    check(tw_layer_result(&layers[1], &frame) == arena + 448, "a result in the arena");
    check(tw_layer_result(&layers[2], &frame) == (const unsigned char *)y, "a result in an output");

    check(tw_arena_check(&network, arena, 896) == TW_OK, "arena of the right size");
    check(tw_arena_check(&network, arena, 895) == TW_ERROR_ARENA_SIZE, "arena too small");
    check(tw_arena_check(&network, NULL, 896) == TW_ERROR_NULL, "no arena");
    frame.arena = arena + 4;
    check(tw_network_run(&network, &frame, NULL) == TW_ERROR_ALIGNMENT, "arena misaligned");
    frame.arena = arena;
    inputs[0] = NULL;
    check(tw_network_run(&network, &frame, NULL) == TW_ERROR_NULL, "no input");
    inputs[0] = x;
    outputs[0] = NULL;
    check(tw_network_run(&network, &frame, NULL) == TW_ERROR_NULL, "no output");
    for (int status = 0; status <= TW_ERROR_THREADS; status++)
        check(strcmp(tw_status_text((tw_status)status), "unknown status") != 0, "every status has a text");
}

static void test_pool(void)
{
    const tw_network network = make_network();
    static tw_pool pool;
    float x[COUNT], y[COUNT];
    const float *inputs[] = {x};
    float *outputs[] = {y};
    const tw_frame frame = {arena, network.weights, inputs, outputs, NULL};
    int fine = 1;

    for (int i = 0; i < COUNT; i++)
        x[i] = (float)i;
    for (int threads = 1; threads <= 5; threads++) {
        check(tw_pool_start(&pool, threads) == TW_OK, "pool starts");
        for (int repeat = 0; repeat < 300; repeat++) {
            memset(y, 0, sizeof y);
            memset(arena, 0, sizeof arena);
            fine &= tw_network_run(&network, &frame, &pool) == TW_OK && right(y);
        }
        tw_pool_stop(&pool);
    }
    check(fine, "network on 1 to 5 threads, 300 times each");
    check(tw_pool_start(&pool, 0) == TW_ERROR_THREADS, "no pool of 0 threads");
    check(tw_pool_start(&pool, TW_MAX_THREADS + 1) == TW_ERROR_THREADS, "no pool of too many threads");
}

/* ---- a layer whose first chunks take longest: others must take over, each chunk exactly once -------- */

enum { CHUNKS = 777 };
static int runs[CHUNKS];

static void count_runs(const tw_frame *frame, int begin, int end)
{
    volatile int busy = begin < CHUNKS / 8 ? 20000 : 0;

    (void)frame;
    while (busy > 0)
        busy--;
    for (int i = begin; i < end; i++)
        runs[i]++;
}

/* ---- scratch memory: no two calls at a time share it, and there is only as much as there are chunks ---- */

enum { MOST_SCRATCH = 3, SCRATCH_BYTES = 64 };
static int in_use[MOST_SCRATCH], shared, outside;

static void use_scratch(const tw_frame *frame, int begin, int end)
{
    const ptrdiff_t at = (frame->scratch - frame->arena) / SCRATCH_BYTES - 1;

    if (begin >= end)
        return;
    if (at < 0 || at >= MOST_SCRATCH) {
        __atomic_store_n(&outside, 1, __ATOMIC_RELAXED);
        return;
    }
    if (__atomic_fetch_add(&in_use[at], 1, __ATOMIC_SEQ_CST) != 0)
        __atomic_store_n(&shared, 1, __ATOMIC_RELAXED);
    for (volatile int busy = 100000; busy > 0;)
        busy--;
    __atomic_fetch_sub(&in_use[at], 1, __ATOMIC_SEQ_CST);
}

static void test_scratch(void)
{
    static tw_pool pool;
    static _Alignas(TW_ALIGN) unsigned char scratch_arena[(1 + MOST_SCRATCH) * SCRATCH_BYTES];
    const tw_frame frame = {.arena = scratch_arena};
    const tw_layer layer = {.name = "s", .op = "test", .kernel = "use_scratch", .macs = 1 << 30,
                            .grid = MOST_SCRATCH, .run = use_scratch, .output = -1,
                            .scratch = SCRATCH_BYTES, .scratch_bytes = SCRATCH_BYTES};

    check(tw_pool_start(&pool, 5) == TW_OK, "a pool for a layer with scratch memory");
    for (int i = 0; i < 300; i++)
        tw_layer_run(&layer, &frame, &pool);
    tw_pool_stop(&pool);
    tw_layer_run(&layer, &frame, NULL);
    check(!shared && !outside, "scratch memory of a thread's own, within what there is");
}

static void test_shares(void)
{
    static tw_pool pool;
    const tw_frame frame = {0};
    int fine = 1;

    for (int threads = 2; threads <= TW_MAX_THREADS; threads *= 2) {
        check(tw_pool_start(&pool, threads) == TW_OK, "pool starts");
        for (int grid = 2; grid <= CHUNKS; grid += 31) {
            const tw_layer layer = {.name = "count", .op = "count", .kernel = "count", .macs = 1 << 20,
                                    .run = count_runs, .grid = grid, .output = -1};

            memset(runs, 0, sizeof runs);
            tw_layer_run(&layer, &frame, &pool);
            for (int i = 0; i < CHUNKS; i++)
                fine &= runs[i] == (i < grid);
        }
        tw_pool_stop(&pool);
    }
    check(fine, "each chunk once, whoever takes it");
}

/* ---- a layer in steps: each sees all that the ones before it in its block have left in scratch memory ---- */

enum { STEP_1 = 5, STEP_2 = 5 + 17, STEP_3 = 5 + 17 + 1, STEP_4 = 5 + 17 + 1 + 3, MOST_BLOCKS = 20 };
static const int step_ends[] = {STEP_1, STEP_2, STEP_3, STEP_4};
static int results_of_steps[MOST_BLOCKS * STEP_4];

static void in_steps(const tw_frame *frame, int begin, int end)
{
    int *left = (int *)(void *)frame->scratch;

    for (int i = begin; i < end; i++) {
        const int part = i % STEP_4;
        int sum = 0;

        if (part >= STEP_1)
            for (int j = 0; j < (part < STEP_2 ? STEP_1 : part < STEP_3 ? STEP_2 : STEP_3); j++)
                sum += left[j];
        for (volatile int busy = 1000; busy > 0;)
            busy--;
        left[part] = sum + i;
        results_of_steps[i] += left[part];
    }
}

static void test_steps(void)
{
    static tw_pool pool;
    static _Alignas(TW_ALIGN) unsigned char scratch_arena[MOST_BLOCKS * 128];
    static int wanted[MOST_BLOCKS * STEP_4];
    const tw_frame frame = {.arena = scratch_arena};
    static const int threads[] = {2, 3, 4, 7, 30};
    int fine = 1;

    for (int t = 0; t < 5; t++) {
        check(tw_pool_start(&pool, threads[t]) == TW_OK, "a pool for a layer in steps");
        for (int blocks = 1; blocks <= MOST_BLOCKS; blocks++)
            for (int small = 0; small < 2; small++) {
                const tw_layer layer = {.name = "s", .op = "test", .kernel = "in_steps",
                                        .macs = (uint64_t)blocks << (small ? 17 : 20), .grid = blocks * STEP_4,
                                        .run = in_steps, .output = -1, .bytes = 1 << 20, .scratch_bytes = 128,
                                        .step_count = 4, .steps = step_ends};

                memset(wanted, 0, sizeof wanted);
                memset(results_of_steps, 0, sizeof results_of_steps);
                tw_layer_run(&layer, &frame, NULL);
                memcpy(wanted, results_of_steps, sizeof wanted);
                memset(results_of_steps, 0, sizeof results_of_steps);
                memset(scratch_arena, 0, sizeof scratch_arena);
                for (int repeat = 0; repeat < 3; repeat++)
                    tw_layer_run(&layer, &frame, &pool);
                for (int i = 0; i < MOST_BLOCKS * STEP_4; i++)
                    fine &= results_of_steps[i] == 3 * wanted[i];
            }
        tw_pool_stop(&pool);
    }
    check(fine, "steps of a block one after the other, each chunk once");
}

static float results[4];

static const float *made_of(const tw_frame *frame, int output)
{
    (void)frame;
    return output == 0 ? results : NULL;
}

/* What comes of a float as an output of a type; the number is in `memory`. */
static tw_status converted(tw_type type, float value, int64_t *memory)
{
    static const int one_number[] = {1};
    const tw_port port = {"y", 1, 1, one_number};
    const tw_network network = {"net", 0, NULL, 0, 0, NULL, 1, &port, 0, NULL, NULL, &type, 0, NULL, made_of, NULL};
    float *outputs[] = {(float *)(void *)memory};
    const tw_frame frame = {NULL, NULL, NULL, outputs, NULL};

    results[0] = value;
    return tw_outputs_convert(&network, &frame);
}

static void test_whole_outputs(void)
{
    int64_t y = 0;

    check(converted(TW_U8, 255, &y) == TW_OK && tw_element(TW_U8, &y, 0) == (double)255, "a byte");
    check(converted(TW_U8, 256, &y) == TW_ERROR_RANGE, "more than a byte");
    check(converted(TW_U8, -1, &y) == TW_ERROR_RANGE, "a byte below 0");
    check(converted(TW_I8, -128, &y) == TW_OK && tw_element(TW_I8, &y, 0) == (double)-128, "a signed byte");
    check(converted(TW_I8, 128, &y) == TW_ERROR_RANGE, "more than a signed byte");
    check(converted(TW_I32, -0x1p31f, &y) == TW_OK && tw_element(TW_I32, &y, 0) == (double)-0x1p31f, "the least of 32 bits");
    check(converted(TW_I32, 0x1p31f, &y) == TW_ERROR_RANGE, "more than 32 bits");
    check(converted(TW_I64, 0x1p40f, &y) == TW_OK && tw_element(TW_I64, &y, 0) == (double)0x1p40f, "a number of 64 bits");
    check(converted(TW_I64, -0x1p63f, &y) == TW_OK && tw_element(TW_I64, &y, 0) == (double)-0x1p63f, "the least of 64 bits");
    check(converted(TW_I64, 0x1p63f, &y) == TW_ERROR_RANGE, "more than 64 bits");
    check(converted(TW_BOOL, 1, &y) == TW_OK && tw_element(TW_BOOL, &y, 0) == (double)1, "a truth");
    check(converted(TW_BOOL, 2, &y) == TW_ERROR_RANGE, "neither true nor false");
    check(converted(TW_I32, 0.5f, &y) == TW_ERROR_RANGE, "no whole number");
    check(converted(TW_I64, NAN, &y) == TW_ERROR_RANGE, "no number");
}

static float checked_sum;

static float check_sum(const tw_frame *frame)
{
    (void)frame;
    return checked_sum;
}

static void test_checks(void)
{
    const tw_network network = {.name = "net", .checks = check_sum};
    const tw_frame frame = {NULL, NULL, NULL, NULL, NULL};

    checked_sum = 0;
    check(tw_outputs_convert(&network, &frame) == TW_OK, "all indices are there");
    checked_sum = NAN;
    check(tw_outputs_convert(&network, &frame) == TW_ERROR_INDEX, "an index is not");
}

static void test_compare(void)
{
    const float a[] = {1, 2, NAN, INFINITY, -1};
    float b[] = {1, 2, NAN, INFINITY, -1};
    size_t at = 9;
    unsigned char guard[40];

    check(tw_max_abs_error(a, b, 5, &at) == 0 && at == 0, "equal, NaN and infinity included");
    b[4] = -1.5f;
    check(tw_max_abs_error(a, b, 5, &at) == 0.5 && at == 4, "largest difference and its place");
    b[2] = 0;
    check(isinf(tw_max_abs_error(a, b, 5, &at)) && at == 2, "a NaN on one side");
    b[2] = NAN;
    b[3] = -INFINITY;
    check(isinf(tw_max_abs_error(a, b, 5, NULL)), "opposite infinities");

    const uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00};
    const int8_t bytes[] = {-128, 127};
    const int32_t words[] = {INT32_MIN};

    check(tw_element(TW_F16, halves, 0) == 1 && tw_element(TW_F16, halves, 1) == -2, "f16 in the normal range");
    check(tw_element(TW_F16, halves, 2) == ldexp(1, -24) && tw_element(TW_F16, halves, 3) == 65504, "its ends");
    check(isinf(tw_element(TW_F16, halves, 4)) && isnan(tw_element(TW_F16, halves, 5)), "its specials");
    check(tw_element(TW_I8, bytes, 0) == -128 && tw_element(TW_U8, bytes, 0) == 128, "eight bits");
    check(tw_element(TW_I32, words, 0) == -2147483648.0 && tw_type_bytes(TW_F16) == 2, "others");

    tw_guard_fill(guard, sizeof guard);
    check(tw_guard_intact(guard, sizeof guard), "guard untouched");
    guard[39] ^= 1;
    check(!tw_guard_intact(guard, sizeof guard), "guard touched in its last byte");
}

static void test_clock_and_random(void)
{
    const uint64_t before = tw_clock_ns();
    float first[256], again[256];
    int fine = 1;

    check(tw_clock_ns() >= before, "the clock moves forward");
    tw_fill_random(first, 256, 7);
    tw_fill_random(again, 256, 7);
    for (int i = 0; i < 256; i++)
        fine &= first[i] >= -1 && first[i] < 1;
    check(fine && memcmp(first, again, sizeof first) == 0, "random inputs in [-1, 1), same for a seed");
    tw_fill_random(again, 256, 8);
    check(memcmp(first, again, sizeof first) != 0, "another seed, other inputs");
    /* An even number of exclusive ors. */
    check(tw_reference_kernel() == 1, "the reference kernel");
}

static void test_options(void)
{
    tw_options options;
    char *bench[] = {"p", "bench", "--layer", "3-5", "--repeats", "7", "--threads", "2", "--layers"};
    char *wrong[] = {"p", "bench", "--repeats", "7x"};
    char *backward[] = {"p", "bench", "--layer", "5-3"};
    char *unknown[] = {"p", "run", "--speed", "9"};
    char *tolerances[] = {"p", "run", "--tolerance", "0.5,2"};
    char *tolerance[] = {"p", "run", "--tolerance", "3"};
    char *half[] = {"p", "run", "--tolerance", "0.5,"};
    char *cores[] = {"p", "bench", "--cores", "0,2-3", "--beside", "--threads", "3", "--layers"};
    char *few[] = {"p", "bench", "--cores", "1", "--threads", "2"};
    char *reversed[] = {"p", "bench", "--cores", "3-2"};
    char *missing[] = {"p", "run", "--inputs"};

    check(tw_options_parse(&options, 9, bench) == TW_EXIT_OK, "bench options");
    check(options.first == 3 && options.last == 5 && options.repeats == 7 && options.threads == 2 &&
              options.layers == 1 && options.warmup == 1,
          "values of bench options");
    check(tw_options_parse(&options, 8, cores) == TW_EXIT_OK && options.beside == 1 && options.cores.count == 3 &&
              options.cores.list[0] == 0 && options.cores.list[1] == 2 && options.cores.list[2] == 3,
          "cores");
    check(tw_options_parse(&options, 4, tolerances) == TW_EXIT_OK && options.tolerances[0] == 0.5 &&
              options.tolerances[1] == 2,
          "a tolerance for each output");
    check(tw_options_parse(&options, 4, tolerance) == TW_EXIT_OK && options.tolerances[TW_MAX_PORTS - 1] == 3,
          "one tolerance for all outputs");
    /* What follows is told to the user; not here. */
    if (freopen("/dev/null", "w", stderr) == NULL)
        return;
    check(tw_options_parse(&options, 4, wrong) == TW_EXIT_USAGE, "a number with a letter");
    check(tw_options_parse(&options, 4, backward) == TW_EXIT_USAGE, "layers backward");
    check(tw_options_parse(&options, 6, few) == TW_EXIT_USAGE, "more threads than cores");
    check(tw_options_parse(&options, 4, reversed) == TW_EXIT_USAGE, "cores backward");
    check(tw_options_parse(&options, 4, unknown) == TW_EXIT_USAGE, "an unknown option");
    check(tw_options_parse(&options, 4, half) == TW_EXIT_USAGE, "a tolerance that is left out");
    check(tw_options_parse(&options, 3, missing) == TW_EXIT_USAGE, "an option without value");
    check(tw_options_parse(&options, 1, missing) == TW_EXIT_USAGE, "no command");
}

/* Ties this thread to the last core it may use, and one more to the first. */
static void test_cores(void)
{
    tw_session session = {0};
    tw_cores cores = {1, {0}};
    cpu_set_t given, tied;
    int first = -1, last = -1;

    if (sched_getaffinity(0, sizeof given, &given) != 0)
        return;
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET((size_t)i, &given)) {
            first = first < 0 ? i : first;
            last = i;
        }
    check(tw_pool_start(&session.pool_memory, 2) == TW_OK, "a pool to tie");
    session.pool = &session.pool_memory;
    cores = (tw_cores){2, {last, first}};
    check(tw_cores_tie(&session, &cores) == TW_EXIT_OK && sched_getcpu() == last, "tied to a core");
    check(pthread_getaffinity_np(session.pool->seats[1].thread, sizeof tied, &tied) == 0 && CPU_COUNT(&tied) == 1 &&
              CPU_ISSET((size_t)first, &tied),
          "each thread to its own");
    cores = (tw_cores){2, {last, 1023}};
    check(tw_cores_tie(&session, &cores) == TW_EXIT_RESOURCE, "a core that is not there");
    tw_pool_stop(session.pool);
    sched_setaffinity(0, sizeof given, &given);
}

int main(void)
{
    test_network();
    test_pool();
    test_scratch();
    test_shares();
    test_steps();
    test_whole_outputs();
    test_checks();
    test_compare();
    test_clock_and_random();
    test_options();
    test_cores();
    printf("%d passed, %d failed\n", passes, failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
