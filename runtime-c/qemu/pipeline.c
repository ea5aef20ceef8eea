#include "pipeline.h"
#include <string.h>

/*
 * Instructions are taken in program order and each begins at the first cycle at which its operands are
 * there, its port is free, and: in order, no earlier one begins later; out of order, there is room among
 * the `width` that enter in a cycle and the one `window` before it has left, in order. An out-of-order core
 * may fill a gap an earlier instruction left. Branches are predicted; fetching never waits.
 */

enum { HORIZON = 1 << 17, MAX_WINDOW = 512 };

static struct state {
    /* Port cycles taken, by port and cycle. */
    uint8_t taken[PORT_KINDS][HORIZON];
    int64_t last_taken;
    int64_t ready[A64_REGISTERS];
    /* When a following multiply-accumulate may add to the register. */
    int64_t addable[A64_REGISTERS];
    /* When it may be an address. */
    int64_t addressable[A64_REGISTERS];
    /* Cycle of the last one entered, and how many entered then. */
    int64_t cycle;
    int entered;
    int64_t left[MAX_WINDOW];
    int64_t last_left;
    size_t count;
} state;

static void reset(void)
{
    for (int port = 0; port < PORT_KINDS; port++)
        memset(state.taken[port], 0, (size_t)state.last_taken + 1);
    memset(state.ready, 0, sizeof state.ready);
    memset(state.addable, 0, sizeof state.addable);
    memset(state.addressable, 0, sizeof state.addressable);
    memset(state.left, 0, sizeof state.left);
    state.last_taken = state.cycle = state.last_left = 0;
    state.entered = 0;
    state.count = 0;
}

static enum port port_of(const struct core *core, const struct a64 *insn)
{
    switch (insn->kind) {
    case A64_INTEGER:
    case A64_MULTIPLY:
        return PORT_INTEGER;
    case A64_BRANCH:
        return PORT_BRANCH;
    case A64_LOAD:
        return PORT_LOAD;
    case A64_STORE:
        return core->shared_memory_ports ? PORT_LOAD : PORT_STORE;
    case A64_FDIV:
        return PORT_DIVIDER;
    default:
        return PORT_SIMD;
    }
}

/* The one vector port that can do it. */
static enum port own_port(enum a64_kind kind)
{
    return kind == A64_PAIR_SUM || kind == A64_SHIFT ? PORT_SECOND : PORT_FIRST;
}

static int is_special(const struct a64 *insn)
{
    return insn->kind >= A64_PRODUCT && insn->kind <= A64_CONVERT;
}

static int is_memory(const struct a64 *insn)
{
    return insn->kind == A64_LOAD || insn->kind == A64_STORE;
}

/* Port cycles an instruction takes. */
static int occupancy(const struct core *core, const struct a64 *insn)
{
    int width;

    if (is_special(insn)) {
        /* Elements count where one port rounds them, else registers. */
        width = !core->own_ports && insn->bytes > 16 ? 16 : insn->bytes;
        return (core->special[insn->kind - A64_PRODUCT] * width + 15) / 16;
    }
    switch (insn->kind) {
    case A64_INTEGER:
    case A64_MULTIPLY:
    case A64_BRANCH:
    case A64_TO_VECTOR:
    case A64_FROM_VECTOR:
        return 1;
    case A64_FDIV:
        return core->fdiv_interval;
    case A64_LOAD:
        /* A core in order fills two registers a cycle. */
        if (core->in_order && insn->copied > 2)
            return (insn->copied + 1) / 2;
        width = core->load_bytes;
        break;
    case A64_STORE:
        width = core->store_bytes;
        break;
    case A64_SIMD:
        width = core->simd_bytes;
        break;
    default:
        width = core->fp_bytes;
    }
    return (insn->bytes + width - 1) / width;
}

/* Takes `units` port cycles from `cycle` on, the first as early as possible; `first` is told, the last returned. */
static int64_t take(const struct core *core, enum port port, int units, int64_t cycle, int64_t *first)
{
    int free;

    while (cycle < HORIZON - 1 && state.taken[port][cycle] >= core->ports[port])
        cycle++;
    *first = cycle;
    while (cycle < HORIZON - 1) {
        free = core->ports[port] - state.taken[port][cycle];
        if (free > units)
            free = units;
        state.taken[port][cycle] = (uint8_t)(state.taken[port][cycle] + free);
        units -= free;
        if (units <= 0)
            break;
        cycle++;
    }
    if (cycle > state.last_taken)
        state.last_taken = cycle < HORIZON ? cycle : HORIZON - 1;
    return cycle;
}

static int64_t operands(const struct a64 *insn)
{
    int64_t at = insn->accumulator == A64_NONE ? 0 : state.addable[insn->accumulator];

    for (int i = 0; i < insn->sources; i++) {
        unsigned reg = insn->source[i];
        int64_t ready = i < insn->addresses ? state.addressable[reg] : state.ready[reg];

        if (ready > at)
            at = ready;
    }
    return at;
}

/* Cycles until a multiply-accumulate may add to its result. */
static int64_t until_added(const struct core *core, const struct a64 *insn, int64_t latency)
{
    if (insn->kind == A64_FMA)
        return core->fma_accumulate;
    if (insn->kind == A64_PRODUCT || insn->kind == A64_LONG_PRODUCT)
        return core->product_accumulate;
    return latency;
}

static void produce(const struct core *core, const struct a64 *insn, int64_t begin, int64_t end)
{
    int latency = insn->kind == A64_LOAD && insn->vector ? core->load_vector : core->latency[insn->kind];
    /* Wide loads deliver their last bytes later. */
    int64_t at = insn->kind == A64_LOAD ? end + latency : begin + latency;
    int64_t address = insn->kind == A64_INTEGER || insn->kind == A64_MULTIPLY ? at + core->address_after : at;

    if (insn->pair && insn->vector)
        at += core->load_pair;
    if (insn->copied > 0 && !core->in_order)
        at += core->latency[A64_SIMD];
    for (int i = 0; i < insn->results; i++) {
        state.ready[insn->result[i]] = at;
        state.addable[insn->result[i]] = begin + until_added(core, insn, at - begin);
        state.addressable[insn->result[i]] = address;
    }
    if (insn->base != A64_NONE) {
        state.ready[insn->base] = begin + core->latency[A64_INTEGER];
        state.addressable[insn->base] = state.ready[insn->base] + core->address_after;
    }
}

static void step_in_order(const struct core *core, const struct a64 *insn)
{
    int64_t at = operands(insn), first, last;
    int units = occupancy(core, insn);
    int alone = core->wide_alone && units > 1 && is_memory(insn);
    int first_only = alone || (core->wide_first && insn->vector && insn->bytes > 8 && !is_memory(insn));

    if (at <= state.cycle)
        at = state.entered < core->width && !(first_only && state.entered > 0) ? state.cycle : state.cycle + 1;
    last = take(core, port_of(core, insn), units, at, &first);
    if (first > state.cycle)
        state.entered = 0;
    state.cycle = first;
    state.entered++;
    if (alone) {
        state.cycle = last;
        state.entered = core->width;
    }
    produce(core, insn, first, last);
    state.last_left = state.cycle + 1;
}

/* Places among the `width` that enter in a cycle. */
static int places(const struct core *core, const struct a64 *insn)
{
    if (!core->width_in_uops)
        return 1;
    if (is_memory(insn))
        return occupancy(core, insn) + (insn->base != A64_NONE) + insn->copied * (insn->copied_bytes > 8 ? 2 : 1);
    /* Those of one port that takes a cycle for all of it are one. */
    if (is_special(insn))
        return occupancy(core, insn) > 1 ? 2 : 1;
    return insn->vector && insn->bytes > 8 ? 2 : 1;
}

static void step_out_of_order(const struct core *core, const struct a64 *insn)
{
    int64_t at, first, last, done, data;
    int window = core->window < MAX_WINDOW ? core->window : MAX_WINDOW;
    int64_t *left = &state.left[state.count % (size_t)window];

    if (state.entered >= core->width || *left > state.cycle) {
        state.cycle = *left > state.cycle ? *left : state.cycle + 1;
        state.entered = 0;
    }
    for (state.entered += places(core, insn); state.entered > core->width; state.entered -= core->width)
        state.cycle++;
    at = operands(insn);
    if (at < state.cycle)
        at = state.cycle;
    if (core->own_ports && is_special(insn))
        take(core, own_port(insn->kind), occupancy(core, insn), at, &at);
    last = take(core, port_of(core, insn), occupancy(core, insn), at, &first);
    /* A vector operation copies into each register what was loaded. */
    if (insn->copied > 0) {
        int64_t copied = take(core, PORT_SIMD, insn->copied, at, &data);

        last = copied > last ? copied : last;
    }
    if (insn->kind == A64_STORE && insn->vector && core->store_simd_bytes > 0) {
        int units = (insn->bytes + core->store_simd_bytes - 1) / core->store_simd_bytes;
        int64_t written = take(core, PORT_SIMD, units, at, &data);

        last = written > last ? written : last;
    }
    produce(core, insn, first, last);
    done = last + (insn->kind == A64_STORE || insn->kind == A64_BRANCH ? 1 : core->latency[insn->kind]);
    if (done < state.last_left)
        done = state.last_left;
    *left = state.last_left = done;
    state.count++;
}

/* Time after one more run of the code. */
static int64_t run(const struct core *core, const struct a64 *block, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (core->in_order)
            step_in_order(core, &block[i]);
        else
            step_out_of_order(core, &block[i]);
    }
    return state.last_left;
}

uint64_t cycles_after(const struct core *core, const struct a64 *before, size_t n_before, const struct a64 *block,
                      size_t n)
{
    int64_t from;

    reset();
    from = run(core, before, n_before);
    return (uint64_t)(run(core, block, n) - from) * CYCLE;
}

uint64_t cycles_repeated(const struct core *core, const struct a64 *block, size_t n)
{
    /* Enough runs to fill the window before the time is taken, and again after. */
    size_t runs = n == 0 ? 1 : 2 * (size_t)core->window / n + 4;
    int64_t from = 0;

    reset();
    for (size_t i = 0; i < runs; i++)
        from = run(core, block, n);
    for (size_t i = 0; i < runs; i++)
        run(core, block, n);
    return (uint64_t)(state.last_left - from) * CYCLE / runs;
}
