/* `bench`: raw nanoseconds of the network and of each layer, or bare repetitions for a counter. */
#include "tw_runner.h"

#include "tw_pool.h"

#include <stdlib.h>

/* Samples --min-ms may add to --repeats. */
#define MAX_EXTRA_SAMPLES 100000

static int load_inputs(const tw_session *session, const tw_options *options)
{
    const tw_network *network = session->network;
    FILE *files[TW_MAX_PORTS] = {NULL};
    int code = TW_EXIT_OK;

    for (int i = 0; i < network->input_count; i++) {
        const tw_buffer *input = &session->inputs[i];
        const tw_type type = tw_input_type(network, i);

        if (network->whole_inputs && type != TW_F32)
            tw_fill_random_whole(input->data, network->inputs[i].floats, type, options->seed + (unsigned)i);
        else if (type == TW_F32)
            tw_fill_random((float *)(void *)input->data, network->inputs[i].floats, options->seed + (unsigned)i);
        else
            tw_fill_random_bytes(input->data, input->bytes, type, options->seed + (unsigned)i);
    }
    if (options->inputs == NULL)
        return TW_EXIT_OK;
    code = tw_files_open(files, options->inputs, network->input_count, "rb", "inputs");
    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++) {
        const tw_buffer *input = &session->inputs[i];

        if (fread(input->data, 1, input->bytes, files[i]) != input->bytes) {
            fprintf(stderr, "error: the file for %s has fewer than %zu bytes\n", network->inputs[i].name,
                    input->bytes);
            code = TW_EXIT_INPUT;
        }
    }
    tw_files_close(files, network->input_count);
    return code;
}

int tw_run_network(const tw_session *session)
{
    const tw_status status = tw_network_run(session->network, &session->frame, session->pool);

    if (status != TW_OK)
        fprintf(stderr, "error: %s\n", tw_status_text(status));
    return status == TW_OK;
}

/* Times whole inferences until there are `repeats` and `min_ms` have passed; returns how many, 0 where one is refused. */
static int time_network(const tw_session *session, const tw_options *options, tw_beside *beside, uint64_t *ns,
                        int capacity)
{
    const uint64_t begin = tw_clock_ns();
    const uint64_t least = (uint64_t)options->min_ms * 1000000u;
    int count = 0;

    while (count < options->repeats || (count < capacity && tw_clock_ns() - begin < least)) {
        if (beside != NULL)
            tw_beside_look(beside);
        const uint64_t before = tw_clock_ns();

        if (!tw_run_network(session))
            return 0;
        ns[count] = tw_clock_ns() - before;
        count++;
    }
    return count;
}

void tw_time_layers(const tw_session *session, uint64_t *ns)
{
    const tw_network *network = session->network;

    /* Threads stay awake between layers, as in whole inferences. */
    if (session->pool != NULL)
        tw_pool_running(session->pool, 1);
    uint64_t before = tw_clock_ns();

    for (int i = 0; i < network->layer_count; i++) {
        tw_layer_run(&network->layers[i], &session->frame, session->pool);
        const uint64_t after = tw_clock_ns();

        ns[i] = after - before;
        before = after;
    }
    if (session->pool != NULL)
        tw_pool_running(session->pool, 0);
}

/* Times each layer in as many inferences. */
static int time_layers(const tw_session *session, tw_beside *beside, int repeats, int step)
{
    const tw_network *network = session->network;
    const size_t layers = (size_t)network->layer_count;
    uint64_t *ns = malloc(layers * (size_t)repeats * sizeof *ns + 1);

    if (ns == NULL) {
        fprintf(stderr, "error: no memory for %d samples of each layer\n", repeats);
        return TW_EXIT_RESOURCE;
    }
    for (int repeat = 0; repeat < repeats; repeat++) {
        if (beside != NULL)
            tw_beside_look(beside);
        tw_time_layers(session, ns + (size_t)repeat * layers);
    }
    for (int i = 0; i < network->layer_count; i++) {
        printf("{\"kind\":\"layer\",\"index\":%d", i);
        tw_print_ns("ns", ns + i, repeats * network->layer_count - i, step * network->layer_count);
        printf("}\n");
    }
    free(ns);
    return TW_EXIT_OK;
}

/* Times what was asked for; `beside` may be null. */
static int bench_network(const tw_session *session, const tw_options *options, tw_beside *beside)
{
    const int capacity = options->repeats + (options->min_ms > 0 ? MAX_EXTRA_SAMPLES : 0);
    uint64_t *ns = malloc((size_t)capacity * sizeof *ns);

    if (ns == NULL) {
        fprintf(stderr, "error: no memory for %d samples\n", capacity);
        return TW_EXIT_RESOURCE;
    }
    int runs = 1;

    for (int i = 0; i < options->warmup && runs; i++)
        runs = tw_run_network(session);
    if (runs && beside != NULL)
        tw_beside_begin(beside);
    const int count = runs ? time_network(session, options, beside, ns, capacity) : 0;

    if (count == 0) {
        free(ns);
        return TW_EXIT_INPUT;
    }
    const int step = (count - 1) / options->keep + 1;

    printf("{\"kind\":\"network\",\"runs\":%d", count);
    tw_print_ns("ns", ns, count, step);
    printf("}\n");
    free(ns);
    const int code = options->layers ? time_layers(session, beside, count, step) : TW_EXIT_OK;

    if (code == TW_EXIT_OK && beside != NULL)
        tw_beside_print(beside);
    return code;
}

/*
 * Bare repetitions of some layers. Neither memory nor output nor a clock depends on their number, so
 * that the instructions of one are the difference between two runs of the program.
 */
static int repeat_layers(const tw_session *session, const tw_options *options)
{
    const tw_network *network = session->network;
    const int total = options->warmup + options->repeats;

    if (options->last >= network->layer_count) {
        fprintf(stderr, "error: no layer %d, the network has %d\n", options->last, network->layer_count);
        return TW_EXIT_USAGE;
    }
    tw_fill_random((float *)(void *)session->arena.data, session->arena.bytes / sizeof(float), options->seed);
    for (int repeat = 0; repeat < total; repeat++)
        for (int i = options->first; i <= options->last; i++)
            tw_layer_run(&network->layers[i], &session->frame, session->pool);
    printf("{\"kind\":\"layers\",\"first\":%d,\"last\":%d}\n", options->first, options->last);
    return TW_EXIT_OK;
}

int tw_command_bench(const tw_network *network, const tw_options *options)
{
    tw_session session;
    tw_beside beside;
    int code = tw_session_open(&session, network, options);

    if (code != TW_EXIT_OK)
        return code;
    code = load_inputs(&session, options);
    if (code == TW_EXIT_OK && options->first >= 0)
        code = repeat_layers(&session, options);
    else if (code == TW_EXIT_OK && options->turn >= 0)
        code = tw_bench_bursts(&session, options);
    else if (code == TW_EXIT_OK)
        code = bench_network(&session, options, options->beside ? &beside : NULL);
    const int guards = tw_session_guards(&session);

    tw_session_close(&session);
    return guards == TW_EXIT_OK ? code : guards;
}
