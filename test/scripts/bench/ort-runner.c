/*
 * Runs an ONNX model with ONNX Runtime's library through its C API, on one thread, by order:
 *
 *     ort-runner LIBRARY MODEL INPUT DIMS INPUT-FILE OUTPUT OUTPUT-FILE [OPTIMIZED]
 *
 * INPUT and OUTPUT are tensor names, DIMS is 1x3x224x224; files hold 32-bit floats. The result of a first run goes
 * to OUTPUT-FILE. Then each line of standard input is one order:
 *
 *     time MS     run for MS milliseconds, print the least time of a run in nanoseconds
 *     repeat N    run N times without a clock: for counting instructions
 *
 * With OPTIMIZED the runtime also writes the graph it really runs to that file.
 */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_RANK 8
#define BILLION 1000000000u

/* Places in OrtApi, a table of functions that only grows at its end. */
enum {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    RUN = 9,
    CREATE_SESSION_OPTIONS = 10,
    SET_OPTIMIZED_PATH = 11,
    SET_INTRA_OP_THREADS = 24,
    SET_INTER_OP_THREADS = 25,
    CREATE_TENSOR_WITH_DATA = 49,
    GET_TENSOR_DATA = 51,
    GET_ELEMENT_COUNT = 64,
    GET_TYPE_AND_SHAPE = 65,
    CREATE_CPU_MEMORY_INFO = 69,
    RELEASE_SESSION = 95
};
enum { LOG_ERRORS = 3, FLOATS = 1, FROM_ARENA = 1, DEFAULT_MEMORY = 0, API_VERSION = 13 };

typedef void (*any_function)(void);
typedef struct {
    const any_function *(*get_api)(uint32_t version);
} api_base;

static const any_function *api;

/* A status is null when all is well. */
static void check(void *status)
{
    if (status == NULL)
        return;
    fprintf(stderr, "onnxruntime: %s\n", ((const char *(*)(void *))api[GET_ERROR_MESSAGE])(status));
    exit(1);
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * BILLION + (uint64_t)now.tv_nsec;
}

static float *read_floats(const char *path, size_t count)
{
    FILE *file = fopen(path, "rb");
    float *data = malloc(count * sizeof *data);

    if (file == NULL || data == NULL || fread(data, sizeof *data, count, file) != count)
        fail("the input cannot be read");
    fclose(file);
    return data;
}

static void *open_session(const char *model, const char *optimized)
{
    void *env = NULL;
    void *options = NULL;
    void *session = NULL;

    check(((void *(*)(int, const char *, void **))api[CREATE_ENV])(LOG_ERRORS, "bench", &env));
    check(((void *(*)(void **))api[CREATE_SESSION_OPTIONS])(&options));
    check(((void *(*)(void *, int))api[SET_INTRA_OP_THREADS])(options, 1));
    check(((void *(*)(void *, int))api[SET_INTER_OP_THREADS])(options, 1));
    if (optimized != NULL)
        check(((void *(*)(void *, const char *))api[SET_OPTIMIZED_PATH])(options, optimized));
    check(((void *(*)(void *, const char *, void *, void **))api[CREATE_SESSION])(env, model, options, &session));
    return session;
}

/* A tensor of the file's floats; `dims` as 1x3x224x224. */
static void *open_input(char *dims, const char *path)
{
    int64_t shape[MAX_RANK];
    size_t rank = 0;
    size_t count = 1;
    void *memory = NULL;
    void *value = NULL;

    for (char *at = dims; rank < MAX_RANK && *at != '\0'; at += *at == 'x') {
        shape[rank] = strtoll(at, &at, 10);
        count *= (size_t)shape[rank++];
    }
    check(((void *(*)(int, int, void **))api[CREATE_CPU_MEMORY_INFO])(FROM_ARENA, DEFAULT_MEMORY, &memory));
    check(((void *(*)(void *, void *, size_t, const int64_t *, size_t, int, void **))api[CREATE_TENSOR_WITH_DATA])(
        memory, read_floats(path, count), count * sizeof(float), shape, rank, FLOATS, &value));
    return value;
}

static void write_output(void *value, const char *path)
{
    FILE *file = fopen(path, "wb");
    void *shape = NULL;
    float *data = NULL;
    size_t count = 0;

    check(((void *(*)(void *, void **))api[GET_TYPE_AND_SHAPE])(value, &shape));
    check(((void *(*)(void *, size_t *))api[GET_ELEMENT_COUNT])(shape, &count));
    check(((void *(*)(void *, float **))api[GET_TENSOR_DATA])(value, &data));
    if (file == NULL || fwrite(data, sizeof *data, count, file) != count || fclose(file) != 0)
        fail("the output cannot be written");
}

int main(int argc, char **argv)
{
    char order[64];

    if (argc < 8)
        fail("usage: ort-runner LIBRARY MODEL INPUT DIMS INPUT-FILE OUTPUT OUTPUT-FILE [OPTIMIZED]");
    void *library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL)
        fail(dlerror());
    api = ((const api_base *(*)(void))dlsym(library, "OrtGetApiBase"))()->get_api(API_VERSION);

    void *session = open_session(argv[2], argc > 8 ? argv[8] : NULL);
    void *input = open_input(argv[4], argv[5]);
    const char *input_name = argv[3];
    const char *output_name = argv[6];
    /* The first run makes the output's memory, the others write to it again. */
    void *output = NULL;
    void *(*run)(void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t, void **) =
        (void *(*)(void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t,
                   void **))api[RUN];
#define RUN_ONCE() check(run(session, NULL, &input_name, &input, 1, &output_name, 1, &output))

    RUN_ONCE();
    write_output(output, argv[7]);
    while (fgets(order, sizeof order, stdin) != NULL) {
        uint64_t limit = 0;
        int count = 0;

        if (sscanf(order, "time %" SCNu64, &limit) == 1) {
            const uint64_t begin = now_ns();
            uint64_t before = begin;
            uint64_t least = UINT64_MAX;

            do {
                RUN_ONCE();
                const uint64_t after = now_ns();

                if (after - before < least)
                    least = after - before;
                before = after;
            } while (before - begin < limit * 1000000u);
            printf("%" PRIu64 "\n", least);
            fflush(stdout);
        } else if (sscanf(order, "repeat %d", &count) == 1) {
            while (count-- > 0)
                RUN_ONCE();
        }
    }
    ((void (*)(void *))api[RELEASE_SESSION])(session);
    return 0;
}
