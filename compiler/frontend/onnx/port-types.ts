import type { WholeType } from "../../ir/port-type.ts";
import { isPortType } from "./float-types.ts";
import type { IntegerType } from "./value.ts";

/** ONNX's names of what inputs and outputs may hold beside floats. */
export const WHOLE_NAMES = {
  i8: "int8",
  u8: "uint8",
  i32: "int32",
  i64: "int64",
  bool: "bool",
} as const satisfies Readonly<Record<WholeType, IntegerType>>;

/** The type of an input or output that ONNX calls so; undefined for floats, and for what none may hold. */
export function wholeTypeOf(name: string): WholeType | undefined {
  return (Object.keys(WHOLE_NAMES) as WholeType[]).find((type) => WHOLE_NAMES[type] === name);
}

/** Whether an input may hold it. */
export function isInputType(name: string): boolean {
  return isPortType(name) || wholeTypeOf(name) !== undefined;
}
