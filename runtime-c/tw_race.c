/*
 * `race`: layers that compute the same, each in a process of its own: checked against expected numbers first, then timed
 * in turns with layer 0, so that whatever slows the machine down slows both.
 */
#include "tw_runner.h"

#include "tw_pool.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* A sample takes about so long: shorter ones say more of the clock than of the layer. */
#define SAMPLE_NS 50000u
#define MOST_RUNS 1000
/*
 * A turn of both layers takes at most about so long, as far as one sample of each fits in: beside other work a core is slower for
 * milliseconds at a time, or gone. More samples find nothing faster.
 */
#define TURN_NS 4000000u
#define MOST_SAMPLES 10
/* Bytes that a layer may ask for beside its buffers, which are there already. */
#define SPARE_BYTES ((size_t)64 << 20)

/* What all children share: read once, before the first of them. */
typedef struct race_data {
    unsigned char *inputs[TW_MAX_PORTS];
    unsigned char *expected;
    float *bounds; /* of each number; infinity: it may be anything */
} race_data;

static int read_file(const char *what, FILE *file, unsigned char **data, size_t bytes)
{
    *data = malloc(bytes > 0 ? bytes : 1);
    if (*data == NULL) {
        fprintf(stderr, "error: no memory for %zu bytes\n", bytes);
        return TW_EXIT_RESOURCE;
    }
    if (fread(*data, 1, bytes, file) == bytes && fgetc(file) == EOF)
        return TW_EXIT_OK;
    fprintf(stderr, "error: the file of %s has not %zu bytes\n", what, bytes);
    return TW_EXIT_INPUT;
}

static int read_one(const char *what, const char *name, unsigned char **data, size_t bytes)
{
    FILE *file = NULL;
    int code = tw_files_open(&file, name, 1, "rb", what);

    if (code == TW_EXIT_OK)
        code = read_file(what, file, data, bytes);
    tw_files_close(&file, 1);
    return code;
}

static int read_data(race_data *data, const tw_network *network, const tw_options *options)
{
    FILE *files[TW_MAX_PORTS] = {NULL};
    const size_t numbers = network->outputs[0].floats;
    unsigned char *bounds = NULL;
    int code = tw_files_open(files, options->inputs, network->input_count, "rb", "inputs");

    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++) {
        const size_t bytes = network->inputs[i].floats * tw_type_bytes(tw_input_type(network, i));

        code = read_file(network->inputs[i].name, files[i], &data->inputs[i], bytes);
    }
    tw_files_close(files, network->input_count);
    if (code == TW_EXIT_OK)
        code = read_one("expect", options->expect, &data->expected, numbers * tw_type_bytes(tw_output_type(network, 0)));
    if (code == TW_EXIT_OK)
        code = read_one("bounds", options->bounds, &bounds, numbers * sizeof *data->bounds);
    data->bounds = (float *)(void *)bounds;
    return code;
}

static void free_data(race_data *data)
{
    for (int i = 0; i < TW_MAX_PORTS; i++)
        free(data->inputs[i]);
    free(data->expected);
    free(data->bounds);
}

static void print_number(const char *name, double value)
{
    /* JSON has neither infinity nor NaN. */
    if (isfinite(value))
        printf(",\"%s\":%.9g", name, value);
    else
        printf(",\"%s\":\"%s\"", name, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

/* 1 where the output is as expected; else the first number that is not is printed as the outcome. */
static int is_right(const tw_session *session, const race_data *data, int index)
{
    const tw_type type = tw_output_type(session->network, 0);
    const size_t numbers = session->network->outputs[0].floats;

    for (size_t i = 0; i < numbers; i++) {
        const double found = tw_element(type, session->outputs[0].data, i);
        const double expected = tw_element(type, data->expected, i);
        const double bound = (double)data->bounds[i];
        const float pair[] = {(float)found, (float)expected};

        if (tw_max_abs_error(&pair[0], &pair[1], 1, NULL) <= bound)
            continue;
        printf("{\"kind\":\"racer\",\"index\":%d,\"outcome\":\"wrong\",\"at\":%zu", index, i);
        print_number("found", found);
        print_number("expected", expected);
        print_number("bound", bound);
        printf("}\n");
        return 0;
    }
    return 1;
}

/* Nanoseconds of a run of a layer, the mean of `runs`. */
static double time_runs(const tw_session *session, const tw_layer *layer, int runs)
{
    const uint64_t begin = tw_clock_ns();

    for (int i = 0; i < runs; i++)
        tw_layer_run(layer, &session->frame, session->pool);
    return (double)(tw_clock_ns() - begin) / runs;
}

/* How often something goes into a time: at least once. */
static int times_in(double ns, double one, int most)
{
    const double times = one > 0 ? ns / one : most;

    return times < 1 ? 1 : times > most ? most : (int)times;
}

/* How a layer and layer 0 share their turns. */
typedef struct race_turn {
    const tw_layer *layers[2];
    int runs;    /* in a sample */
    int samples; /* of each in a turn */
    int first;   /* whose sample is next, and then the other's: changes with each pair */
} race_turn;

/* Warms both up, and sees meanwhile how long a run takes: the least of a turn, as one may be disturbed. */
static race_turn plan_turns(const tw_session *session, int index, int warmup)
{
    const tw_layer *layers = session->network->layers;
    race_turn turn = {{&layers[0], &layers[index]}, 1, 1, 0};
    double ns[2] = {INFINITY, INFINITY};
    const uint64_t begin = tw_clock_ns();
    int count = 0;

    do {
        for (int side = 0; side < 2; side++)
            ns[side] = fmin(ns[side], time_runs(session, turn.layers[side], 1));
        count++;
    } while (count < warmup || tw_clock_ns() - begin < TURN_NS);
    turn.runs = times_in(SAMPLE_NS, ns[0], MOST_RUNS);
    turn.samples = times_in(TURN_NS, turn.runs * (ns[0] + ns[1]), MOST_SAMPLES);
    return turn;
}

/* Samples one after the other's, of which the fastest of each counts. */
static void take_turn(const tw_session *session, race_turn *turn, double ns[2])
{
    ns[0] = ns[1] = INFINITY;
    for (int i = 0; i < turn->samples; i++) {
        for (int place = 0; place < 2; place++) {
            const int side = place ^ turn->first;

            ns[side] = fmin(ns[side], time_runs(session, turn->layers[side], turn->runs));
        }
        turn->first ^= 1;
    }
}

static void print_times(const char *name, const double *ns, int count)
{
    printf(",\"%s\":[", name);
    for (int i = 0; i < count; i++)
        printf("%s%.1f", i == 0 ? "" : ",", ns[i]);
    printf("]");
}

/* Times a layer and layer 0 in turns. */
static int time_in_turns(const tw_session *session, const tw_options *options, int index)
{
    double *ns = malloc(2 * (size_t)options->repeats * sizeof *ns + 1);
    double *reference = ns + options->repeats;
    int count = 0;

    if (ns == NULL) {
        fprintf(stderr, "error: no memory for %d samples\n", options->repeats);
        return TW_EXIT_RESOURCE;
    }
    /* Threads stay awake between layers, as in whole inferences. */
    if (session->pool != NULL)
        tw_pool_running(session->pool, 1);
    race_turn turn = {0};

    /* Who is only checked runs no longer than that. */
    if (options->repeats > 0)
        turn = plan_turns(session, index, options->warmup);

    while (count < options->repeats) {
        double both[2];

        take_turn(session, &turn, both);
        reference[count] = both[0];
        ns[count++] = both[1];
        if (options->stop > 0 && ns[count - 1] * 100 > reference[count - 1] * options->stop)
            break;
    }
    if (session->pool != NULL)
        tw_pool_running(session->pool, 0);
    printf("{\"kind\":\"racer\",\"index\":%d,\"outcome\":\"ok\"", index);
    print_times("ns", ns, count);
    print_times("reference", reference, count);
    printf("}\n");
    free(ns);
    return TW_EXIT_OK;
}

/* A layer that is refused memory mostly runs into a null pointer. */
static void end_as_refused(int number)
{
    if (malloc(SPARE_BYTES / 4) == NULL)
        _exit(TW_EXIT_RESOURCE);
    signal(number, SIG_DFL);
    raise(number);
}

/* From here on this process may take only so much more memory: where the system does not say what it has, all there is. */
static void limit_memory(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    const int is_known = file != NULL && fscanf(file, "%lu", &pages) == 1;
    const rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + SPARE_BYTES;

    if (file != NULL)
        fclose(file);
    if (is_known && setrlimit(RLIMIT_AS, &(struct rlimit){most, most}) == 0)
        signal(SIGSEGV, end_as_refused);
}

/* What a child does: its exit code says what it could not print. */
static int race_one(const tw_network *network, const race_data *data, const tw_options *options, int index)
{
    tw_session session;
    int code = tw_session_open(&session, network, options);

    if (code != TW_EXIT_OK)
        return code;
    for (int i = 0; i < network->input_count; i++)
        memcpy(session.inputs[i].data, data->inputs[i], session.inputs[i].bytes);
    limit_memory();
    tw_layer_run(&network->layers[index], &session.frame, session.pool);
    code = tw_session_guards(&session);
    if (code == TW_EXIT_OK && is_right(&session, data, index)) {
        code = time_in_turns(&session, options, index);
        if (code == TW_EXIT_OK)
            code = tw_session_guards(&session);
    }
    tw_session_close(&session);
    return code;
}

static void print_outcome(int index, const char *outcome, int signal)
{
    /* A child that was killed may have stopped in the middle of a line. */
    printf("\n{\"kind\":\"racer\",\"index\":%d,\"outcome\":\"%s\"", index, outcome);
    if (signal != 0)
        printf(",\"signal\":%d", signal);
    printf("}\n");
}

/* How a child ended that printed no outcome itself. */
static void judge(int index, int status)
{
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        const char *outcome = signal == SIGALRM ? "timeout" : signal == SIGKILL ? "memory" /* of the system's */ : "crashed";

        print_outcome(index, outcome, signal == SIGALRM ? 0 : signal);
    } else if (WEXITSTATUS(status) == TW_EXIT_GUARD) {
        print_outcome(index, "overrun", 0);
    } else if (WEXITSTATUS(status) == TW_EXIT_RESOURCE) {
        print_outcome(index, "memory", 0);
    }
}

static int race_in_child(const tw_network *network, const race_data *data, const tw_options *options, int index)
{
    int status = 0;

    fflush(stdout);
    const pid_t child = fork();

    if (child < 0) {
        fprintf(stderr, "error: no process for a layer\n");
        return TW_EXIT_RESOURCE;
    }
    if (child == 0) {
        alarm((unsigned)options->seconds);
        const int code = race_one(network, data, options, index);

        fflush(stdout);
        _exit(code);
    }
    if (waitpid(child, &status, 0) < 0)
        return TW_EXIT_RESOURCE;
    judge(index, status);
    return TW_EXIT_OK;
}

int tw_command_race(const tw_network *network, const tw_options *options)
{
    const int first = options->first < 0 ? 0 : options->first;
    const int last = options->last < 0 ? network->layer_count - 1 : options->last;
    race_data data;

    if (options->inputs == NULL || options->expect == NULL || options->bounds == NULL || network->output_count != 1) {
        fprintf(stderr, "error: race takes --inputs, --expect and --bounds, and a network of one output\n");
        return TW_EXIT_USAGE;
    }
    if (last >= network->layer_count) {
        fprintf(stderr, "error: no layer %d, the network has %d\n", last, network->layer_count);
        return TW_EXIT_USAGE;
    }
    memset(&data, 0, sizeof data);
    int code = read_data(&data, network, options);

    for (int i = first; i <= last && code == TW_EXIT_OK; i++)
        code = race_in_child(network, &data, options, i);
    free_data(&data);
    return code;
}
