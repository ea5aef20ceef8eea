import type { CallerType, WholeType } from "../../ir/port-type.ts";
import { isPortType } from "./float-types.ts";
import type { IntegerType } from "./value.ts";

/** ONNX's names of what inputs and outputs may hold beside floats. */
export const WHOLE_NAMES = {
  i8: "int8",
  u8: "uint8",
  i16: "int16",
  u16: "uint16",
  i32: "int32",
  u32: "uint32",
  i64: "int64",
  u64: "uint64",
  bool: "bool",
} as const satisfies Readonly<Record<WholeType, IntegerType>>;

/** The type of an input or output that ONNX calls so; undefined for floats, and for what none may hold. */
export function wholeTypeOf(name: string): WholeType | undefined {
  return (Object.keys(WHOLE_NAMES) as WholeType[]).find((type) => WHOLE_NAMES[type] === name);
}

/** ONNX's name of what an input or output holds. */
export function onnxTypeOf(type: CallerType | undefined): IntegerType | "float32" | "float64" {
  if (type === undefined) return "float32";
  return type === "f64" ? "float64" : WHOLE_NAMES[type];
}

/** What its caller sees of an input or output that ONNX calls so; undefined for f32. */
export function callerTypeOf(name: string): CallerType | undefined {
  return name === "float64" ? "f64" : wholeTypeOf(name);
}

/** Whether an input may hold it. */
export function isInputType(name: string): boolean {
  return isPortType(name) || callerTypeOf(name) !== undefined;
}
