/*
 * What happens beside a measurement: how fast the clock of the core is, by a kernel whose cycles are known, how much of the
 * time the program had a core, and what all cores of the machine did.
 */
#define _POSIX_C_SOURCE 200809L

#include "tw_runner.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two looks at the clock's speed: they take one part in a hundred of the time. */
#define LOOK_EVERY_NS 2000000u

/* One after another, each a cycle: no processor does two of them at once, leaves one out, or needs memory for them. */
#if defined(__aarch64__) || defined(__arm__)
#define STEP "eor %0, %0, %1\n\t"
#elif defined(__x86_64__)
#define STEP "xor %1, %0\n\t"
#endif

#ifdef STEP
#define STEPS_8 STEP STEP STEP STEP STEP STEP STEP STEP
#define STEPS_64 STEPS_8 STEPS_8 STEPS_8 STEPS_8 STEPS_8 STEPS_8 STEPS_8 STEPS_8
/* As long as a string may be, by C11, and half a turn. */
#define STEPS_128 STEPS_64 STEPS_64
#endif

unsigned long tw_reference_kernel(void)
{
    unsigned long value = 1;
    const unsigned long other = 3;

    for (int i = 0; i < TW_REFERENCE_CYCLES / 256; i++) {
#ifdef STEP
        __asm__ volatile(STEPS_128 : "+r"(value) : "r"(other));
        __asm__ volatile(STEPS_128 : "+r"(value) : "r"(other));
#else
        for (int j = 0; j < 256; j++) {
            value ^= other;
            __asm__ volatile("" : "+r"(value));
        }
#endif
    }
    return value;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* As /proc/uptime has it. */
#ifdef CLOCK_BOOTTIME
#define UPTIME CLOCK_BOOTTIME
#else
#define UPTIME CLOCK_MONOTONIC
#endif

/* Nanoseconds that cores have been at work since the machine was started; 0 where it does not tell. */
static uint64_t machine_ns(void)
{
    unsigned long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0;
    const long per_second = sysconf(_SC_CLK_TCK);
    FILE *file = fopen("/proc/stat", "r");

    if (file == NULL)
        return 0;
    const int found = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &waiting,
                             &irq, &softirq, &stolen);

    fclose(file);
    if (found < 8 || per_second <= 0)
        return 0;
    return (user + nice + system + irq + softirq + stolen) * (1000000000u / (uint64_t)per_second);
}

static void look(tw_beside *beside)
{
    const uint64_t begin = tw_clock_ns();

    tw_reference_kernel();
    beside->looked = tw_clock_ns();
    if (beside->count < TW_MAX_LOOKS)
        beside->reference[beside->count++] = beside->looked - begin;
}

/* What has gone by until now, as if it had begun at 0. */
static void note(tw_beside *beside)
{
    beside->machine = machine_ns() - beside->machine;
    beside->process = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - beside->process;
    beside->begin = tw_clock_ns() - beside->begin;
}

void tw_beside_begin(tw_beside *beside)
{
    memset(beside, 0, sizeof *beside);
    beside->machine = machine_ns();
    beside->process = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    beside->since = clock_ns(UPTIME);
    beside->begin = tw_clock_ns();
    look(beside);
}

/* Either way: a beginning less what goes by, or a beginning from what has gone by. */
void tw_beside_pause(tw_beside *beside)
{
    note(beside);
}

void tw_beside_go_on(tw_beside *beside)
{
    note(beside);
    look(beside);
}

void tw_beside_look(tw_beside *beside)
{
    if (tw_clock_ns() - beside->looked >= LOOK_EVERY_NS)
        look(beside);
}

void tw_beside_print(tw_beside *beside)
{
    look(beside);
    const uint64_t wall = tw_clock_ns() - beside->begin;
    const uint64_t process = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - beside->process;
    const uint64_t machine = machine_ns();

    printf("{\"kind\":\"beside\",\"cycles\":%d,\"wallNs\":%llu,\"processNs\":%llu", TW_REFERENCE_CYCLES,
           (unsigned long long)wall, (unsigned long long)process);
    printf(",\"from\":%.3f,\"to\":%.3f", (double)beside->since / 1e9, (double)(beside->since + wall) / 1e9);
    if (machine > 0)
        printf(",\"machineNs\":%llu", (unsigned long long)(machine - beside->machine));
    tw_print_ns("reference", beside->reference, beside->count, 1);
    printf("}\n");
}
