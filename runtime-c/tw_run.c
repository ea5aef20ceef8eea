/* `run`: files in, files out, optionally every layer's result and a comparison. */
#include "tw_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_files {
    FILE *inputs[TW_MAX_PORTS];
    FILE *outputs[TW_MAX_PORTS];
    FILE *expected[TW_MAX_PORTS];
    FILE *trace;
} run_files;

static int open_files(run_files *files, const tw_network *network, const tw_options *options)
{
    int code = tw_files_open(files->inputs, options->inputs, network->input_count, "rb", "inputs");

    if (code == TW_EXIT_OK && options->outputs != NULL)
        code = tw_files_open(files->outputs, options->outputs, network->output_count, "wb", "outputs");
    if (code == TW_EXIT_OK && options->expect != NULL)
        code = tw_files_open(files->expected, options->expect, network->output_count, "rb", "expect");
    if (code == TW_EXIT_OK && options->trace != NULL) {
        files->trace = fopen(options->trace, "wb");
        if (files->trace == NULL) {
            fprintf(stderr, "error: cannot open %s: %s\n", options->trace, strerror(errno));
            code = TW_EXIT_OUTPUT;
        }
    }
    return code;
}

static int close_files(run_files *files)
{
    int code = TW_EXIT_OK;

    tw_files_close(files->inputs, TW_MAX_PORTS);
    tw_files_close(files->expected, TW_MAX_PORTS);
    if (tw_files_close(files->outputs, TW_MAX_PORTS) != TW_EXIT_OK)
        code = TW_EXIT_OUTPUT;
    if (files->trace != NULL && fclose(files->trace) != 0)
        code = TW_EXIT_OUTPUT;
    if (code != TW_EXIT_OK)
        fprintf(stderr, "error: an output file could not be written: %s\n", strerror(errno));
    return code;
}

static int read_sample(FILE *file, void *data, const tw_port *port, tw_type type)
{
    const size_t count = fread(data, tw_type_bytes(type), port->floats, file);

    if (count == port->floats)
        return TW_EXIT_OK;
    fprintf(stderr, "error: the file for %s ends after %zu of %zu %s\n", port->name, count, port->floats,
            type == TW_F32 ? "floats" : "numbers");
    return TW_EXIT_INPUT;
}

/* A file longer than the samples asked for is most likely the wrong file. */
static int at_end(FILE *file, const tw_port *port)
{
    if (fgetc(file) == EOF)
        return TW_EXIT_OK;
    fprintf(stderr, "error: the file for %s is longer than %zu floats a sample\n", port->name, port->floats);
    return TW_EXIT_INPUT;
}

static int write_bytes(FILE *file, const void *data, size_t bytes)
{
    if (fwrite(data, 1, bytes, file) == bytes)
        return TW_EXIT_OK;
    fprintf(stderr, "error: an output file could not be written: %s\n", strerror(errno));
    return TW_EXIT_OUTPUT;
}

static int reported(tw_status status)
{
    if (status == TW_OK)
        return TW_EXIT_OK;
    fprintf(stderr, "error: %s\n", tw_status_text(status));
    return status == TW_ERROR_RANGE || status == TW_ERROR_INDEX ? TW_EXIT_INPUT : TW_EXIT_RESOURCE;
}

/* One inference, layer by layer so that each result is seen before a later one takes its place. */
static int run_traced(const tw_session *session, FILE *trace)
{
    const tw_network *network = session->network;
    int code = reported(tw_inputs_convert(network, &session->frame));

    for (int i = 0; i < network->layer_count && code == TW_EXIT_OK; i++) {
        const tw_layer *layer = &network->layers[i];

        tw_layer_run(layer, &session->frame, session->pool);
        if (layer->bytes > 0)
            code = write_bytes(trace, tw_layer_result(layer, &session->frame), layer->bytes);
    }
    return code == TW_EXIT_OK ? reported(tw_outputs_convert(network, &session->frame)) : code;
}

static int run_once(const tw_session *session, FILE *trace)
{
    const uint64_t begin = tw_clock_ns();

    if (trace != NULL)
        return run_traced(session, trace);
    const int code = reported(tw_network_run(session->network, &session->frame, session->pool));

    if (code != TW_EXIT_OK)
        return code;
    printf("{\"kind\":\"run\",\"ns\":%llu}\n", (unsigned long long)(tw_clock_ns() - begin));
    return TW_EXIT_OK;
}

static double largest_error(tw_type type, const void *found, const void *expected, size_t count, size_t *at)
{
    double worst = 0;

    if (type == TW_F32)
        return tw_max_abs_error(found, expected, count, at);
    for (size_t i = 0; i < count; i++) {
        const float pair[] = {(float)tw_element(type, found, i), (float)tw_element(type, expected, i)};
        const double error = tw_max_abs_error(&pair[0], &pair[1], 1, NULL);

        if (error > worst) {
            worst = error;
            *at = i;
        }
    }
    return worst;
}

/* Compares one output with its file; `expected` has room for it. */
static int compare_output(const tw_session *session, FILE *file, void *expected, int index, double tolerance)
{
    const tw_port *port = &session->network->outputs[index];
    const tw_type type = tw_output_type(session->network, index);
    const void *found = session->outputs[index].data;
    size_t at = 0;
    const int code = read_sample(file, expected, port, type);

    if (code != TW_EXIT_OK)
        return code;
    const double error = largest_error(type, found, expected, port->floats, &at);

    printf("{\"kind\":\"compare\",\"output\":");
    tw_print_json_string(stdout, port->name);
    /* JSON has no infinity; 1e999 reads as one. */
    if (error <= 1e300)
        printf(",\"maxAbsError\":%.9g,\"at\":%zu}\n", error, at);
    else
        printf(",\"maxAbsError\":1e999,\"at\":%zu}\n", at);
    if (error <= tolerance)
        return TW_EXIT_OK;
    fprintf(stderr, "error: output %s differs by %g at %zu (%g, expected %g), more than %g\n", port->name, error,
            at, tw_element(type, found, at), tw_element(type, expected, at), tolerance);
    return TW_EXIT_DIFFERENT;
}

static int run_sample(const tw_session *session, const run_files *files, void *scratch, const double *tolerances)
{
    const tw_network *network = session->network;
    int code = TW_EXIT_OK;

    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++)
        code = read_sample(files->inputs[i], session->inputs[i].data, &network->inputs[i], tw_input_type(network, i));
    if (code == TW_EXIT_OK)
        code = run_once(session, files->trace);
    for (int i = 0; i < network->output_count && code == TW_EXIT_OK; i++) {
        if (files->outputs[i] != NULL)
            code = write_bytes(files->outputs[i], session->outputs[i].data, session->outputs[i].bytes);
        if (code == TW_EXIT_OK && files->expected[i] != NULL)
            code = compare_output(session, files->expected[i], scratch, i, tolerances[i]);
    }
    return code;
}

static size_t largest_output(const tw_network *network)
{
    size_t most = 1;

    for (int i = 0; i < network->output_count; i++) {
        const size_t bytes = network->outputs[i].floats * tw_type_bytes(tw_output_type(network, i));

        if (bytes > most)
            most = bytes;
    }
    return most;
}

static int run_samples(const tw_session *session, const run_files *files, const tw_options *options)
{
    const tw_network *network = session->network;
    void *scratch = malloc(largest_output(network));
    int code = scratch == NULL ? TW_EXIT_RESOURCE : TW_EXIT_OK;

    if (scratch == NULL)
        fprintf(stderr, "error: no memory to compare outputs\n");
    for (int sample = 0; sample < options->samples && code == TW_EXIT_OK; sample++)
        code = run_sample(session, files, scratch, options->tolerances);
    for (int i = 0; i < network->input_count && code == TW_EXIT_OK; i++)
        code = at_end(files->inputs[i], &network->inputs[i]);
    free(scratch);
    /* Overwritten memory explains whatever else went wrong. */
    const int guards = tw_session_guards(session);

    return guards == TW_EXIT_OK ? code : guards;
}

int tw_command_run(const tw_network *network, const tw_options *options)
{
    tw_session session;
    run_files files;

    memset(&files, 0, sizeof files);
    int code = open_files(&files, network, options);

    if (code == TW_EXIT_OK)
        code = tw_session_open(&session, network, options);
    if (code == TW_EXIT_OK) {
        code = run_samples(&session, &files, options);
        tw_session_close(&session);
    }
    const int closed = close_files(&files);

    return code == TW_EXIT_OK ? closed : code;
}
