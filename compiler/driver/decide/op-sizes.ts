import { elementCount } from "../../graph/extents.ts";
import type { Tensor } from "../../graph/graph.ts";
import { EPILOGUE_SWITCHES } from "../../graph/node-task/epilogue-dims.ts";
import type { Dims } from "../../language/kernel.ts";
import { UserError } from "../../support/diagnostic.ts";

/** Dimensions that count from one, as extents of tensors do: windows. */
const WINDOWS = ["KH", "KW", "SH", "SW", "DH", "DW"];
/** Those that may be nothing: switches and borders. All others are values, or what a kernel refuses for itself. */
const MAYBE_NONE = [...EPILOGUE_SWITCHES, "T", "L", "B", "R"];

/** What an ONNX file may hold: 8 GiB of an activation, 2 GiB of weights. */
const MOST_ELEMENTS = 2 ** 31;
const MOST_WEIGHTS = 2 ** 29;

/** Throws C317 for sizes an operator does not have, or needs. */
export function checkNames(
  op: string,
  sizes: Dims,
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
    why: `its dimensions are ${known.join(", ")}`,
    help: ["give them as --dims N=1,OC=64"],
  });
}

/** Throws C319 for sizes that no operator can have; `extents`: those of its tensors. */
export function checkSizes(op: string, sizes: Dims, extents: readonly string[]): void {
  for (const [dim, size] of Object.entries(sizes)) {
    const counts = extents.includes(dim) || WINDOWS.includes(dim);
    if (!counts && !MAYBE_NONE.includes(dim)) continue;
    const least = counts ? 1 : 0;
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
