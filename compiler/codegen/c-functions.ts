import { arityOf, FUNCTION_NAMES, functionInC } from "../ir/functions.ts";
import type { LaneFunction } from "../ir/vector.ts";
import type { Isa } from "../machine/target.schema.ts";

/** A number as one of so many indices (heldIndex of ir/index-table.ts), whatever it is. */
const HELD_INDEX = `static inline ptrdiff_t tw_held_index(float v, ptrdiff_t below)
{
    const ptrdiff_t i = v >= 1.0f ? (v < 0x1p30f ? (ptrdiff_t)v : below) : 0;
    return i < below ? i : below - 1;
}`;

/** Functions of single numbers that kernels call and the math library does not have, by name. */
export const OWN_FUNCTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    FUNCTION_NAMES.flatMap((fn) => {
      const { name, text } = functionInC(fn);
      return text === undefined ? [] : [[name, text]];
    }),
  ),
  tw_held_index: HELD_INDEX,
};

/** Names of the math library's functions that kernels may call. */
export const MATH_FUNCTIONS: readonly string[] = FUNCTION_NAMES.flatMap((fn) => {
  const { name, text } = functionInC(fn);
  return text === undefined ? [name] : [];
});

const LANE_FUNCTIONS: readonly LaneFunction[] = ["sqrt", ...FUNCTION_NAMES];

/** Names of all functions of vectors. */
export const LANE_FUNCTION_NAMES: readonly string[] = LANE_FUNCTIONS.map(laneFunctionName);

/** A call for vectors: an instruction where the set has one. */
export function cLaneCall(fn: LaneFunction, args: readonly string[], isa: Isa): string {
  if (fn === "sqrt" && isa.ops.sqrt !== undefined) return isa.ops.sqrt.replace("$1", args[0]);
  return `${laneFunctionName(fn)}(${args.join(", ")})`;
}

/** A call for single numbers. */
export function cCall(fn: LaneFunction, args: readonly string[]): string {
  return `${scalarName(fn)}(${args.join(", ")})`;
}

function scalarName(fn: LaneFunction): string {
  return fn === "sqrt" ? "sqrtf" : functionInC(fn).name;
}

function laneFunctionName(fn: LaneFunction): string {
  return `tw_lanes_${scalarName(fn).replace(/^tw_/, "")}`;
}

/** The functions of vectors that `used` holds for, as C: their lanes one after another. */
export function laneFunctions(used: (name: string) => boolean, isa: Isa): readonly string[] {
  return LANE_FUNCTIONS.filter((fn) => used(laneFunctionName(fn))).map((fn) => {
    const names = ["a", "b", "c"].slice(0, fn === "sqrt" ? 1 : arityOf(fn));
    const call = cCall(
      fn,
      names.map((name) => `${name}[i]`),
    );
    if (fn === "log") return vectorLog(isa);
    if (fn === "isLess" || fn === "isEqual" || fn === "choose") return vectorTruth(fn, isa);
    return `static inline ${isa.vectorType} ${laneFunctionName(fn)}(${names.map((name) => `${isa.vectorType} ${name}`).join(", ")})
{
    for (int i = 0; i < ${isa.lanes}; i++) a[i] = ${call};
    return a;
}`;
  });
}

/** The bits of a vector's lanes. */
function lanesBits(lanes: number): string {
  return `typedef int tw_lanes_bits __attribute__((vector_size(${lanes * 4})));`;
}

/** Comparisons of vectors have all bits set where they hold. */
function vectorTruth(fn: "isLess" | "isEqual" | "choose", { vectorType, lanes }: Isa): string {
  const bits = lanesBits(lanes);
  const head = `static inline ${vectorType} ${laneFunctionName(fn)}(${vectorType} a, ${vectorType} b`;
  if (fn === "choose") {
    return `${bits}
${head}, ${vectorType} c)
{
    const tw_lanes_bits when = (tw_lanes_bits)(a != 0.0f);
    return (${vectorType})((when & (tw_lanes_bits)b) | (~when & (tw_lanes_bits)c));
}`;
  }
  return `${bits}
${head})
{
    return (${vectorType})((tw_lanes_bits)(a ${fn === "isLess" ? "<" : "=="} b) & (tw_lanes_bits)((${vectorType}){0} + 1.0f));
}`;
}

/**
 * The logarithm of vectors, in what GCC and Clang have for vectors of any instruction set: v is m * 2^e with m around 1, and the
 * logarithm of m is 2 artanh((m - 1) / (m + 1)), whose series ends soon. Within 3 units in the last place.
 */
function vectorLog({ vectorType, lanes }: Isa): string {
  return `${lanesBits(lanes)}
static inline ${vectorType} tw_lanes_logf(${vectorType} v)
{
    /* Numbers below the least normal one have their bits elsewhere: they are made larger first. */
    const tw_lanes_bits small = (tw_lanes_bits)(v < 0x1p-126f);
    const tw_lanes_bits bits = (tw_lanes_bits)((small & (tw_lanes_bits)(v * 0x1p23f)) | (~small & (tw_lanes_bits)v));
    /* Bits of the square root of a half: what lies above it belongs to the next power. */
    const tw_lanes_bits power = (bits - 0x3f3504f3) >> 23;
    const ${vectorType} m = (${vectorType})(bits - (power << 23));
    const ${vectorType} e = __builtin_convertvector(power - (small & 23), ${vectorType});
    const ${vectorType} z = (m - 1.0f) / (m + 1.0f);
    const ${vectorType} s = z * z;
    const ${vectorType} series = s * (0.6666666667f + s * (0.4f + s * (0.2857142857f + s * 0.2222222222f)));
    ${vectorType} r = e * 0.693359375f + (z * series + (e * -2.12194440e-4f + 2.0f * z));
    /* 0, numbers below it, infinity, and what is no number. */
    const tw_lanes_bits zero = (tw_lanes_bits)(v == 0.0f), other = (tw_lanes_bits)(v < 0.0f) | (tw_lanes_bits)(v != v);
    const tw_lanes_bits endless = (tw_lanes_bits)(v == INFINITY);
    const tw_lanes_bits kept = ~(zero | other | endless) & (tw_lanes_bits)r;
    return (${vectorType})(kept | (zero & (int)0xff800000) | (endless & 0x7f800000) | (other & 0x7fc00000));
}`;
}
