/* The command line of the runner. */
#include "tw_runner.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int usage(FILE *out)
{
    fputs("usage: PROGRAM info\n"
          "       PROGRAM run --inputs A,B --outputs X,Y [--samples N] [--threads N] [--cores LIST]\n"
          "                   [--trace FILE] [--expect X,Y [--tolerance E,F]]\n"
          "       PROGRAM bench [--inputs A,B] [--warmup N] [--repeats N] [--min-ms N] [--threads N]\n"
          "                     [--cores LIST] [--seed N] [--layers] [--beside] [--keep N]\n"
          "                     [--layer I | --layer I-J]\n"
          "       PROGRAM turns --with PROGRAM [--pairs N] [--burst-ms N] [--seconds N] [options of bench]\n"
          "       PROGRAM race --inputs A,B --expect Y --bounds Z [--layer I-J] [--warmup N] [--repeats N]\n"
          "                    [--threads N] [--cores LIST] [--seconds N] [--stop P]\n"
          "\n"
          "Files hold little-endian 32-bit floats, row-major; with --samples N, N samples one after another.\n"
          "  --trace FILE    append each layer's result, as it lies in memory, after it has run\n"
          "  --expect X,Y    compare the outputs with these files\n"
          "  --tolerance E,F largest absolute difference allowed in each output; one for all (1e-4)\n"
          "  --min-ms N      go on repeating until N milliseconds have passed\n"
          "  --cores LIST    tie the threads to these cores, one each, as 0,2-3\n"
          "  --layers        time every layer as well\n"
          "  --beside        say how fast the clock was, and what the machine did beside\n"
          "  --keep N        tell N times of each series at most, evenly chosen (all)\n"
          "  --layer I-J     run only layers I to J, without any clock: for counting instructions\n"
          "  --with PROGRAM  both time N bursts in turns, each in a process of its own, and tell the fastest\n"
          "                  inference of each; --pairs processes of each one after another (2)\n"
          "  --burst-ms N    how long a burst goes on (10)\n"
          "  --bounds Z      how far each number of the one output may be off; layers that compute the same\n"
          "                  are checked and timed in turns with layer 0, each in a process of its own\n"
          "  --seconds N     how long such a process may take (60)\n"
          "  --stop P        no more samples of a layer that takes P percent of layer 0's time\n"
          "Results are JSON lines on standard output, all times in nanoseconds.\n"
          "Exit codes: 0 done, 2 wrong usage, 3 bad input file, 4 output not written, 5 no memory or\n"
          "threads, 6 memory overwritten outside of the buffers, 7 results differ from those expected.\n",
          out);
    return out == stdout ? TW_EXIT_OK : TW_EXIT_USAGE;
}

/* A whole number in [low, high] up to `end`; 0 when the text is something else. */
static int parse_int(const char *text, char stop, int low, int high, int *value, const char **rest)
{
    char *end = NULL;

    errno = 0;
    const long number = strtol(text, &end, 10);

    if (end == text || errno != 0 || number < low || number > high || (*end != '\0' && *end != stop))
        return 0;
    *value = (int)number;
    if (rest != NULL)
        *rest = end;
    return 1;
}

static int parse_layers(const char *text, tw_options *options)
{
    const char *rest = NULL;

    if (!parse_int(text, '-', 0, INT_MAX, &options->first, &rest))
        return 0;
    options->last = options->first;
    return *rest == '\0' || parse_int(rest + 1, '\0', options->first, INT_MAX, &options->last, NULL);
}

/* One number for each output, or one for all of them. */
static int parse_tolerances(const char *text, double *values)
{
    int count = 0;

    for (;; text++) {
        char *end = NULL;

        values[count] = strtod(text, &end);
        if (end == text || !(values[count] >= 0) || (*end != '\0' && *end != ','))
            return 0;
        text = end;
        count++;
        if (*text == '\0')
            break;
        if (count == TW_MAX_PORTS)
            return 0;
    }
    for (; count < TW_MAX_PORTS; count++)
        values[count] = values[0];
    return 1;
}

/* Sets one option that takes a value; 0 when the value is wrong, -1 when there is no such option. */
static int set_option(tw_options *options, const char *name, const char *value)
{
    int seed = 0;

    if (strcmp(name, "--inputs") == 0)
        return (options->inputs = value) != NULL;
    if (strcmp(name, "--outputs") == 0)
        return (options->outputs = value) != NULL;
    if (strcmp(name, "--expect") == 0)
        return (options->expect = value) != NULL;
    if (strcmp(name, "--bounds") == 0)
        return (options->bounds = value) != NULL;
    if (strcmp(name, "--with") == 0)
        return (options->other = value) != NULL;
    if (strcmp(name, "--trace") == 0)
        return (options->trace = value) != NULL;
    if (strcmp(name, "--tolerance") == 0)
        return parse_tolerances(value, options->tolerances);
    if (strcmp(name, "--samples") == 0)
        return parse_int(value, '\0', 1, INT_MAX, &options->samples, NULL);
    if (strcmp(name, "--threads") == 0)
        return parse_int(value, '\0', 1, TW_MAX_THREADS, &options->threads, NULL);
    if (strcmp(name, "--cores") == 0)
        return tw_cores_parse(value, &options->cores);
    if (strcmp(name, "--warmup") == 0)
        return parse_int(value, '\0', 0, INT_MAX, &options->warmup, NULL);
    if (strcmp(name, "--repeats") == 0)
        return parse_int(value, '\0', strcmp(options->command, "race") == 0 ? 0 : 1, 1000000, &options->repeats, NULL);
    if (strcmp(name, "--min-ms") == 0)
        return parse_int(value, '\0', 0, 3600000, &options->min_ms, NULL);
    if (strcmp(name, "--burst-ms") == 0)
        return parse_int(value, '\0', 0, 3600000, &options->burst_ms, NULL);
    if (strcmp(name, "--pairs") == 0)
        return parse_int(value, '\0', 1, 1000000, &options->pairs, NULL);
    if (strcmp(name, "--turn") == 0)
        return parse_int(value, '\0', 0, 1, &options->turn, NULL);
    if (strcmp(name, "--keep") == 0)
        return parse_int(value, '\0', 1, INT_MAX, &options->keep, NULL);
    if (strcmp(name, "--seconds") == 0)
        return parse_int(value, '\0', 1, 86400, &options->seconds, NULL);
    if (strcmp(name, "--stop") == 0)
        return parse_int(value, '\0', 1, 1000000, &options->stop, NULL);
    if (strcmp(name, "--layer") == 0)
        return parse_layers(value, options);
    if (strcmp(name, "--seed") == 0) {
        const int fine = parse_int(value, '\0', 0, INT_MAX, &seed, NULL);

        options->seed = (unsigned)seed;
        return fine;
    }
    return -1;
}

static int known_command(const char *name)
{
    return strcmp(name, "info") == 0 || strcmp(name, "run") == 0 || strcmp(name, "bench") == 0 ||
           strcmp(name, "race") == 0 || strcmp(name, "turns") == 0;
}

/* What an option without a value sets; null when it takes one. */
static int *flag_of(tw_options *options, const char *name)
{
    if (strcmp(name, "--layers") == 0)
        return &options->layers;
    return strcmp(name, "--beside") == 0 ? &options->beside : NULL;
}

int tw_options_parse(tw_options *options, int argc, char **argv)
{
    *options = (tw_options){.samples = 1, .threads = 1, .warmup = 1, .repeats = 10,
                            .seconds = 60, .seed = 1, .keep = INT_MAX, .first = -1, .last = -1,
                            .turn = -1, .pairs = 2, .burst_ms = 10};
    parse_tolerances("1e-4", options->tolerances);
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        usage(stdout);
        exit(TW_EXIT_OK);
    }
    if (argc < 2 || !known_command(argv[1])) {
        fprintf(stderr, "error: which command? one of info, run, bench, turns, race\n");
        return usage(stderr);
    }
    options->command = argv[1];
    for (int i = 2; i < argc; i++) {
        int *flag = flag_of(options, argv[i]);

        if (flag != NULL) {
            *flag = 1;
            continue;
        }
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        const int fine = set_option(options, argv[i], value);

        if (fine < 0)
            fprintf(stderr, "error: no option %s\n", argv[i]);
        else if (fine == 0 || i + 1 == argc)
            fprintf(stderr, "error: option %s cannot be \"%s\"\n", argv[i], value);
        else {
            i++;
            continue;
        }
        return usage(stderr);
    }
    if (options->cores.count > 0 && options->threads > options->cores.count) {
        fprintf(stderr, "error: %d threads and %d cores\n", options->threads, options->cores.count);
        return usage(stderr);
    }
    return TW_EXIT_OK;
}
