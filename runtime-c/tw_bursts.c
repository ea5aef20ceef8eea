/* `bench --turn`: the fastest inference of each of some bursts, which take turns with those of another process. */
#include "tw_runner.h"

#include <stdlib.h>

/* Half of a burst is for whole inferences, half for layers in inferences. */
#define PARTS 2

static void keep_least(uint64_t *least, uint64_t ns)
{
    if (ns < *least)
        *least = ns;
}

/* A burst, which begins with caches as the other process left them: of several inferences the first is hardly the fastest. */
static int time_burst(const tw_session *session, const tw_options *options, tw_beside *beside, uint64_t *least, uint64_t *ns)
{
    const int layers = session->network->layer_count;
    const uint64_t part = (uint64_t)options->burst_ms * (1000000u / PARTS);
    uint64_t begin = tw_clock_ns();

    for (int i = 0; i <= layers; i++)
        least[i] = UINT64_MAX;
    do {
        tw_beside_look(beside);
        const uint64_t before = tw_clock_ns();

        if (!tw_run_network(session))
            return 0;
        keep_least(&least[layers], tw_clock_ns() - before);
    } while (tw_clock_ns() - begin < part);
    begin = tw_clock_ns();
    do {
        tw_beside_look(beside);
        tw_time_layers(session, ns);
        for (int i = 0; i < layers; i++)
            keep_least(&least[i], ns[i]);
    } while (tw_clock_ns() - begin < part);
    return 1;
}

static void print_bursts(const tw_options *options, const uint64_t *least, int layers)
{
    const int step = layers + 1;
    const int all = options->repeats * step;

    printf("{\"kind\":\"turn\",\"side\":%d}\n{\"kind\":\"network\"", options->turn);
    tw_print_ns("ns", least + layers, all - layers, step);
    printf("}\n");
    for (int i = 0; i < layers; i++) {
        printf("{\"kind\":\"layer\",\"index\":%d", i);
        tw_print_ns("ns", least + i, all - i, step);
        printf("}\n");
    }
}

/* Nothing is printed before both have measured: what either prints is written in its own turn. */
int tw_bench_bursts(const tw_session *session, const tw_options *options)
{
    const size_t step = (size_t)session->network->layer_count + 1;
    uint64_t *least = malloc(((size_t)options->repeats + 1) * step * sizeof *least);
    uint64_t *ns = least + (size_t)options->repeats * step;
    tw_beside beside;

    if (least == NULL) {
        fprintf(stderr, "error: no memory for %d bursts\n", options->repeats);
        return TW_EXIT_RESOURCE;
    }
    int runs = 1;

    tw_turn_take();
    for (int i = 0; i < options->warmup && runs; i++)
        runs = tw_run_network(session);
    tw_turn_give();
    for (int i = 0; i < options->repeats && runs; i++) {
        tw_turn_take();
        if (i == 0)
            tw_beside_begin(&beside);
        else
            tw_beside_go_on(&beside);
        runs = time_burst(session, options, &beside, least + (size_t)i * step, ns);
        tw_beside_pause(&beside);
        tw_turn_give();
    }
    if (runs) {
        tw_turn_take();
        print_bursts(options, least, session->network->layer_count);
        tw_beside_go_on(&beside);
        tw_beside_print(&beside);
        fflush(stdout);
        tw_turn_give();
    }
    free(least);
    return runs ? TW_EXIT_OK : TW_EXIT_INPUT;
}
