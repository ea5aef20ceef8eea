/*
 * The command-line program around a network: info, run, bench and race. Everything of stdio and all
 * allocation is here, and none of it happens during an inference.
 */
#ifndef TW_RUNNER_H
#define TW_RUNNER_H

#include "tilewright.h"

#include <stdio.h>

/* Exit codes; usage() prints them. */
enum {
    TW_EXIT_OK = 0,
    TW_EXIT_USAGE = 2,
    TW_EXIT_INPUT = 3,
    TW_EXIT_OUTPUT = 4,
    TW_EXIT_RESOURCE = 5,
    TW_EXIT_GUARD = 6,
    TW_EXIT_DIFFERENT = 7
};

/* Version of the JSON lines that `run`, `bench` and `info` print; raised when a reader of today would not understand them. */
#define TW_PROTOCOL 1

/* Most inputs or outputs of a network the program can drive. */
#ifndef TW_MAX_PORTS
#define TW_MAX_PORTS 32
#endif

/* Cores to run on, one for each thread; none: whichever the system gives. */
typedef struct tw_cores {
    int count;
    int list[TW_MAX_THREADS];
} tw_cores;

typedef struct tw_options {
    const char *command;
    const char *inputs;  /* file names separated by commas, or null */
    const char *outputs; /* likewise */
    const char *expect;  /* likewise */
    const char *bounds;  /* file name or null */
    const char *trace;   /* likewise */
    const char *other;   /* the program to take turns with, or null */
    double tolerances[TW_MAX_PORTS]; /* of each output */
    int samples;
    int threads;
    tw_cores cores;
    int warmup;
    int repeats;
    int min_ms;
    int seconds;         /* that a layer of a race may take */
    int stop;            /* percent of layer 0's time after which one takes no more part; 0: never */
    unsigned seed;
    int layers;          /* 1: time each layer too */
    int beside;          /* 1: say what else went on */
    int keep;            /* times that are told of a series at most */
    int turn;            /* which of two programs that take turns this is; -1: it is alone */
    int pairs;           /* of processes that take turns */
    int burst_ms;        /* that a turn takes */
    int first, last;     /* layers to run alone; first = -1: the whole network */
} tw_options;

/* Returns an exit code; anything but TW_EXIT_OK has been reported. */
int tw_options_parse(tw_options *options, int argc, char **argv);

/* A buffer of the network between two guards. */
typedef struct tw_buffer {
    unsigned char *block;
    unsigned char *data;
    size_t bytes;
} tw_buffer;

/* All memory of one process: arena, inputs, outputs, threads. */
typedef struct tw_session {
    const tw_network *network;
    tw_buffer arena;
    tw_buffer inputs[TW_MAX_PORTS];
    tw_buffer outputs[TW_MAX_PORTS];
    const float *input_data[TW_MAX_PORTS];
    float *output_data[TW_MAX_PORTS];
    tw_frame frame;
    tw_pool pool_memory;
    tw_pool *pool; /* null: one thread */
} tw_session;

/* Memory and threads as the options ask for them, threads tied to their cores. */
int tw_session_open(tw_session *session, const tw_network *network, const tw_options *options);
void tw_session_close(tw_session *session);
/* TW_EXIT_GUARD, and a message, when something was written outside of the arena, an input or an output. */
int tw_session_guards(const tw_session *session);

/* Pseudo-random floats in [-1, 1), the same for the same seed on every machine. */
void tw_fill_random(float *data, size_t count, unsigned seed);
/* The same for numbers of other types: any whole ones, f16 from half to one. */
void tw_fill_random_bytes(unsigned char *data, size_t bytes, tw_type type, unsigned seed);
/* The same for a network's inputs of whole numbers: all bytes, bools, and of wider ones 0 to 7, as they may stand for places. */
void tw_fill_random_whole(void *data, size_t count, tw_type type, unsigned seed);

/* Opens the files of a list separated by commas, which must have `count` names. */
int tw_files_open(FILE **files, const char *list, int count, const char *mode, const char *what);
/* Closes them; a failure to write shows here. */
int tw_files_close(FILE **files, int count);

/* Numbers and ranges of cores, as 0,2-3; 0 where it is something else, or more than TW_MAX_THREADS. */
int tw_cores_parse(const char *text, tw_cores *cores);
/* Ties thread i of a session to core i of the list. */
int tw_cores_tie(const tw_session *session, const tw_cores *cores);

/* Cycles of one call of the reference kernel, which needs no memory: what it takes says how fast the clock is. */
#define TW_REFERENCE_CYCLES 32768
unsigned long tw_reference_kernel(void);

/* Looks at the clock's speed that are kept of one measurement. */
#define TW_MAX_LOOKS 4096

/* What goes on beside a measurement. */
typedef struct tw_beside {
    uint64_t begin, process, machine; /* nanoseconds when it began: of the clock, this process, all cores */
    uint64_t since;                   /* the same since the machine was started, sleep included */
    uint64_t looked;
    int count;
    uint64_t reference[TW_MAX_LOOKS];
} tw_beside;

void tw_beside_begin(tw_beside *beside);
/* Between two inferences; does nothing until some time has passed. */
void tw_beside_look(tw_beside *beside);
/* What goes on between these is not part of the measurement. */
void tw_beside_pause(tw_beside *beside);
void tw_beside_go_on(tw_beside *beside);
/* Ends the measurement and prints its line. */
void tw_beside_print(tw_beside *beside);

/* ,"name":[...] of every `step`th number */
void tw_print_ns(const char *name, const uint64_t *ns, int count, int step);
/* Text in JSON quotes. */
void tw_print_json_string(FILE *out, const char *text);

/* One inference; 0 and a message where it is refused. */
int tw_run_network(const tw_session *session);
/* Nanoseconds of each layer inside a whole inference, so that caches are as they are in use. */
void tw_time_layers(const tw_session *session, uint64_t *ns);
/* The command `bench` of a process that takes turns with another one. */
int tw_bench_bursts(const tw_session *session, const tw_options *options);
/* Waits until it is this process's turn; ends the process where there is no other any more. */
void tw_turn_take(void);
void tw_turn_give(void);

int tw_command_info(const tw_network *network);
int tw_command_run(const tw_network *network, const tw_options *options);
int tw_command_bench(const tw_network *network, const tw_options *options);
/* Runs both programs with the words of this one's own command line. */
int tw_command_turns(const tw_options *options, int argc, char **argv);
int tw_command_race(const tw_network *network, const tw_options *options);

/* The whole program. */
int tw_runner_main(const tw_network *network, int argc, char **argv);

#endif
