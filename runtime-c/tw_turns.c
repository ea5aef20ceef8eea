/*
 * `turns`: this program and another one of the same network time bursts of inferences in turns, each in a process of its own.
 * Between them goes one byte, and who has it is at work: what slows the machine down for some milliseconds slows both. Each
 * process runs a copy of its program in memory: where that lies, and by that in which sets of a cache, changes with each copy.
 */
#define _GNU_SOURCE

#include "tw_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sendfile.h>
#include <sys/syscall.h>
#endif

/* Where a child reads that it is its turn, and where it gives its turn away. */
enum { TURN_IN = STDIN_FILENO, TURN_OUT = 3 };

/* The exit code of a child whose other has gone: what went wrong, the other says. */
#define LEFT_ALONE 75

/* Copies of larger programs take too much memory on a small board, and what no cache holds lies nowhere in particular. */
#define MOST_COPIED ((off_t)64 << 20)

#define THIS_PROGRAM "/proc/self/exe"

void tw_turn_take(void)
{
    char byte = 0;
    ssize_t count = 0;

    do
        count = read(TURN_IN, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count != 1)
        _exit(LEFT_ALONE);
}

/* Whoever has gone needs no turn. */
void tw_turn_give(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (write(TURN_OUT, "", 1) != 1)
        return;
}

/* A file in memory that holds a copy of a program; -1 where there can be none. */
static int copy_in_memory(const char *path)
{
#if defined(__linux__) && defined(SYS_memfd_create)
    struct stat about;
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = -1;

    if (from >= 0 && fstat(from, &about) == 0 && about.st_size <= MOST_COPIED)
        to = (int)syscall(SYS_memfd_create, "program", 0u);
    for (off_t left = to >= 0 ? about.st_size : 0; left > 0;) {
        const ssize_t sent = sendfile(to, from, NULL, (size_t)left);

        if (sent <= 0) {
            close(to);
            to = -1;
            break;
        }
        left -= sent;
    }
    if (from >= 0)
        close(from);
    return to;
#else
    (void)path;
    return -1;
#endif
}

/* What a child does until it is another program: `bench` with this process's own options and the number of its side. */
static void become(const char *path, int side, int argc, char **argv, const int in[2], const int out[2])
{
    char copied[64], number[2] = {(char)('0' + side), '\0'}, turn[] = "--turn", bench[] = "bench";
    char **words = malloc(((size_t)argc + 3) * sizeof *words);
    const int copy = copy_in_memory(path);

    if (words == NULL || dup2(in[0], TURN_IN) < 0 || dup2(out[1], TURN_OUT) < 0)
        _exit(TW_EXIT_RESOURCE);
    memcpy(words, argv, (size_t)argc * sizeof *words);
    words[1] = bench;
    words[argc] = turn;
    words[argc + 1] = number;
    words[argc + 2] = NULL;
    snprintf(copied, sizeof copied, "/proc/self/fd/%d", copy);
    if (copy >= 0)
        execv(copied, words);
    execv(path, words);
    fprintf(stderr, "error: %s does not start: %s\n", path, strerror(errno));
    _exit(TW_EXIT_RESOURCE);
}

/* Waits for both; what they ended with, of one that was left alone only where the other is well. */
static int wait_for(const pid_t *children, int count)
{
    int code = TW_EXIT_OK;

    for (int i = 0; i < count; i++) {
        int status = 0;

        if (waitpid(children[i], &status, 0) < 0)
            return TW_EXIT_RESOURCE;
        if (WIFSIGNALED(status)) {
            /* as this one would have ended without children */
            signal(WTERMSIG(status), SIG_DFL);
            raise(WTERMSIG(status));
        }
        const int ended = WIFEXITED(status) ? WEXITSTATUS(status) : TW_EXIT_RESOURCE;

        if (code == TW_EXIT_OK || code == LEFT_ALONE)
            code = ended != TW_EXIT_OK ? ended : code;
    }
    if (code != LEFT_ALONE)
        return code;
    fprintf(stderr, "error: a program took none of its turns\n");
    return TW_EXIT_RESOURCE;
}

/* One that ends in a child when that becomes another program. */
static int open_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return -1;
    return fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0 ? -1 : 0;
}

/* A pair of processes; `first` says whose turn is the first one. */
static int run_pair(const tw_options *options, int first, int argc, char **argv)
{
    const char *paths[] = {THIS_PROGRAM, options->other};
    pid_t children[2] = {-1, -1};
    int pipes[2][2], started = 0;

    if (open_pipe(pipes[0]) != 0 || open_pipe(pipes[1]) != 0) {
        fprintf(stderr, "error: no pipes between two programs\n");
        return TW_EXIT_RESOURCE;
    }
    fflush(stdout);
    for (int side = 0; side < 2; side++) {
        children[side] = fork();
        if (children[side] == 0) {
            alarm((unsigned)options->seconds);
            become(paths[side], side, argc, argv, pipes[side], pipes[1 - side]);
        }
        if (children[side] < 0)
            break;
        started++;
    }
    const int given = started == 2 && write(pipes[first][1], "", 1) == 1;

    for (int side = 0; side < 2; side++) {
        close(pipes[side][0]);
        close(pipes[side][1]);
    }
    const int code = wait_for(children, started);

    if (given)
        return code;
    fprintf(stderr, "error: no process for a program\n");
    return TW_EXIT_RESOURCE;
}

/* No pipe may be where children have theirs. */
static void take_low_numbers(void)
{
    int file = 0;

    do
        file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (file >= 0 && file <= TURN_OUT);
    if (file >= 0)
        close(file);
}

int tw_command_turns(const tw_options *options, int argc, char **argv)
{
    int code = TW_EXIT_OK;

    if (options->other == NULL) {
        fprintf(stderr, "error: turns takes --with PROGRAM\n");
        return TW_EXIT_USAGE;
    }
    take_low_numbers();
    for (int pair = 0; pair < options->pairs && code == TW_EXIT_OK; pair++)
        code = run_pair(options, pair % 2, argc, argv);
    return code;
}
