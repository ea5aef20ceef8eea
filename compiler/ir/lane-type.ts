import type { DType } from "./dtype.ts";
import type { VExpr, VLoad } from "./vector.ts";

/** Elements of a value; 1 for a single number. */
export function vectorLanes(e: VExpr): number {
  return "lanes" in e ? e.lanes : 1;
}

/** Whether a load fills half a register, by whose lanes is multiplied: of two f32, as no instruction set has registers of two; of four f16. */
export function isHalfVector({ dtype, lanes, inOrder }: VLoad): boolean {
  return (dtype === "f32" && lanes === 2) || (dtype === "f16" && lanes === 4 && inOrder === true);
}

/** The type of a value, or of each lane of it. */
export function laneType(e: VExpr): DType {
  switch (e.kind) {
    case "literal":
    case "register":
    case "load":
    case "index":
    case "iota":
      return e.dtype;
    case "convert":
    case "narrow":
      return e.to;
    case "splat":
    case "unary":
    case "exponent":
    case "reciprocal":
      return laneType(e.value);
    case "binary":
      return laneType(e.lhs);
    case "fma":
    case "fms":
    case "fma-lane":
      return laneType(e.acc);
    case "mul-lane":
      return laneType(e.a);
    case "call":
      return "f32";
    case "instruction":
      return e.instruction.operands[0].dtype;
    case "select":
      return laneType(e.then);
  }
}
