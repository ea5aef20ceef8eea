/* The program around a network: which command, and `info`. */
#include "tw_runner.h"

#include <string.h>

void tw_print_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            fprintf(out, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

void tw_print_ns(const char *name, const uint64_t *ns, int count, int step)
{
    printf(",\"%s\":[", name);
    for (int i = 0; i < count; i += step)
        printf("%s%llu", i == 0 ? "" : ",", (unsigned long long)ns[i]);
    printf("]");
}

static void print_ports(const char *what, const tw_port *ports, int count)
{
    printf("\"%s\":[", what);
    for (int i = 0; i < count; i++) {
        printf("%s{\"name\":", i == 0 ? "" : ",");
        tw_print_json_string(stdout, ports[i].name);
        printf(",\"floats\":%zu,\"shape\":[", ports[i].floats);
        for (int d = 0; d < ports[i].rank; d++)
            printf("%s%d", d == 0 ? "" : ",", ports[i].dims[d]);
        printf("]}");
    }
    printf("]");
}

static void print_layer(const tw_layer *layer, int index)
{
    printf("%s\n{\"index\":%d,\"name\":", index == 0 ? "" : ",", index);
    tw_print_json_string(stdout, layer->name);
    printf(",\"op\":");
    tw_print_json_string(stdout, layer->op);
    printf(",\"kernel\":");
    tw_print_json_string(stdout, layer->kernel);
    printf(",\"macs\":%llu,\"grid\":%d,\"output\":%d,\"offset\":%zu,\"bytes\":%zu}",
           (unsigned long long)layer->macs, layer->grid, layer->output, layer->offset, layer->bytes);
}

int tw_command_info(const tw_network *network)
{
    printf("{\"protocol\":%d,\"name\":", TW_PROTOCOL);
    tw_print_json_string(stdout, network->name);
    printf(",\"arenaBytes\":%zu,\"weightBytes\":%zu,", network->arena_bytes, network->weight_bytes);
    print_ports("inputs", network->inputs, network->input_count);
    printf(",");
    print_ports("outputs", network->outputs, network->output_count);
    printf(",\"layers\":[");
    for (int i = 0; i < network->layer_count; i++)
        print_layer(&network->layers[i], i);
    printf("]}\n");
    return TW_EXIT_OK;
}

static int run_command(const tw_network *network, const tw_options *options, int argc, char **argv)
{
    if (strcmp(options->command, "info") == 0)
        return tw_command_info(network);
    if (strcmp(options->command, "turns") == 0)
        return tw_command_turns(options, argc, argv);
    printf("{\"kind\":\"program\",\"protocol\":%d}\n", TW_PROTOCOL);
    if (strcmp(options->command, "run") == 0)
        return tw_command_run(network, options);
    if (strcmp(options->command, "race") == 0)
        return tw_command_race(network, options);
    return tw_command_bench(network, options);
}

int tw_runner_main(const tw_network *network, int argc, char **argv)
{
    tw_options options;
    const int parsed = tw_options_parse(&options, argc, argv);

    if (parsed != TW_EXIT_OK)
        return parsed;
    if (network->input_count > TW_MAX_PORTS || network->output_count > TW_MAX_PORTS) {
        fprintf(stderr, "error: more than %d inputs or outputs\n", TW_MAX_PORTS);
        return TW_EXIT_RESOURCE;
    }
    const int code = run_command(network, &options, argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "error: standard output could not be written\n");
        return code == TW_EXIT_OK ? TW_EXIT_OUTPUT : code;
    }
    return code;
}
