import type { BundleMetadata } from "../../artifact/bundle.ts";
import type { PortType } from "../../ir/port-type.ts";

/** An input or output as metadata.json has it. */
export type ClientPort = BundleMetadata["inputs"][number];

/** Arrays of JavaScript and types of NumPy that lie in memory as a port of a type does. JavaScript has the 16 bits of an f16. */
const CLIENT_TYPES: Readonly<Record<PortType, { readonly array: string; readonly numpy: string }>> = {
  f32: { array: "Float32Array", numpy: "float32" },
  f64: { array: "Float64Array", numpy: "float64" },
  f16: { array: "Uint16Array", numpy: "float16" },
  i8: { array: "Int8Array", numpy: "int8" },
  u8: { array: "Uint8Array", numpy: "uint8" },
  i16: { array: "Int16Array", numpy: "int16" },
  u16: { array: "Uint16Array", numpy: "uint16" },
  i32: { array: "Int32Array", numpy: "int32" },
  u32: { array: "Uint32Array", numpy: "uint32" },
  i64: { array: "BigInt64Array", numpy: "int64" },
  u64: { array: "BigUint64Array", numpy: "uint64" },
  bool: { array: "Uint8Array", numpy: "bool" },
};

export function clientTypes({ dtype }: ClientPort): (typeof CLIENT_TYPES)[PortType] {
  return CLIENT_TYPES[dtype ?? "f32"];
}
