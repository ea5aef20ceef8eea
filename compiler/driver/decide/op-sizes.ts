import { elementCount } from "../../graph/extents.ts";
import type { Tensor } from "../../graph/graph.ts";
import { EPILOGUE_NUMBERS, EPILOGUE_SWITCHES } from "../../graph/node-task/epilogue-dims.ts";
import { UserError } from "../../support/diagnostic.ts";

type Sizes = Readonly<Record<string, number>>;

/** Dimensions of operators that are values, and those that may be nothing: switches and borders. All others count from one. */
const VALUES = [...EPILOGUE_NUMBERS, "VALUE"];
const MAYBE_NONE = [...EPILOGUE_SWITCHES, "T", "L", "B", "R"];

/** What an ONNX file may hold: 8 GiB of an activation, 2 GiB of weights. */
const MOST_ELEMENTS = 2 ** 31;
const MOST_WEIGHTS = 2 ** 29;

/** Throws C317 for sizes an operator does not have, or needs. */
export function checkNames(
  op: string,
  sizes: Sizes,
  wanted: readonly string[],
  known: readonly string[],
): void {
  const odd = Object.keys(sizes).find((dim) => !known.includes(dim));
  const missing = wanted.filter((dim) => sizes[dim] === undefined);
  if (odd === undefined && missing.length === 0) return;
  throw new UserError({
    code: "C317",
    exit: "usage",
    title:
      odd !== undefined
        ? `the operator \`${op}\` has no dimension \`${odd}\``
        : `no value for ${missing.map((dim) => `\`${dim}\``).join(", ")} of the operator \`${op}\``,
    why: `its dimensions are ${[...new Set(known)].join(", ")}`,
    help: ["give them as --dims N=1,OC=64"],
  });
}

/** Throws C319 for sizes that no operator can have. */
export function checkSizes(op: string, sizes: Sizes): void {
  for (const [dim, size] of Object.entries(sizes)) {
    if (VALUES.includes(dim)) continue;
    const least = MAYBE_NONE.includes(dim) ? 0 : 1;
    if (Number.isSafeInteger(size) && size >= least) continue;
    throw badSizes(
      `\`${op}\` cannot have ${dim}=${size}`,
      `it has to be a whole number of at least ${least}`,
    );
  }
}

/** Throws C319 for tensors that no network has. */
export function checkTensors(
  op: string,
  tensors: readonly Pick<Tensor, "name" | "shape">[],
  weights: readonly string[],
): void {
  for (const { name, shape } of tensors) {
    const most = weights.includes(name) ? MOST_WEIGHTS : MOST_ELEMENTS;
    if (elementCount(shape) <= most) continue;
    throw badSizes(
      `\`${op}\` of these sizes has a tensor that is too large`,
      `\`${name}\` is ${shape.join("x")}, more than ${most} elements`,
    );
  }
}

function badSizes(title: string, why: string): UserError {
  return new UserError({ code: "C319", exit: "usage", title, why, help: ["give sizes as --dims N=1,OC=64"] });
}
