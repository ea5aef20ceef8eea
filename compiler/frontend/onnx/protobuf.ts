import protobuf from "protobufjs/light.js";
import { UserError } from "../../support/diagnostic.ts";
import { beyondLimit } from "./errors.ts";
import type { OnnxModel } from "./model.ts";
import { ONNX_DESCRIPTOR } from "./schema.ts";

/** Protobuf itself allows no larger message. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

const MODEL = protobuf.Root.fromJSON(ONNX_DESCRIPTOR).lookupType("ModelProto");

/**
 * The only door to protobufjs. Decodes an ONNX file; int64 become numbers (exact to 2^53), bytes stay views of
 * the input. Throws F101 for anything that is no whole ONNX model.
 */
export function decodeModel(bytes: Uint8Array, name: string): OnnxModel {
  const model = decode(bytes, name);
  if (model.graph === undefined || model.opsetImport === undefined) {
    const missing = model.graph === undefined ? "graph" : "operator set";
    throw notOnnx(name, `it has no ${missing}: the file is cut short or is not ONNX`);
  }
  return model;
}

function decode(bytes: Uint8Array, name: string): OnnxModel {
  if (bytes.length === 0) throw notOnnx(name, "the file is empty");
  const entries = tolerant(() => countEntries(protobuf.Reader.create(bytes), bytes.length, ENTRIES));
  if (entries !== undefined && entries > MOST_ENTRIES) {
    throw beyondLimit(name, `entries of its graph: there are ${entries}, at most ${MOST_ENTRIES} are read`);
  }
  try {
    return MODEL.toObject(MODEL.decode(bytes), { longs: Number }) as OnnxModel;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw notOnnx(name, `its ${bytes.length} bytes do not decode: ${detail}`, error);
  }
}

/** Nodes, initializers and ports, and what nodes list: each takes hundreds of bytes once it is decoded, and two in the file. */
const MOST_ENTRIES = 500_000;
/** Fields to look into, by number. */
interface Inside {
  readonly [field: number]: Inside;
}
/** The graph and its nodes; a node's attributes that are graphs, with their nodes. */
const SUBGRAPH: { [field: number]: Inside } = {};
const NODE: Inside = { 5: { 6: SUBGRAPH } };
SUBGRAPH[1] = NODE;
const ENTRIES: Inside = { 7: { 1: NODE } };

function countEntries(reader: protobuf.Reader, end: number, inside: Inside): number {
  let count = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    const within = inside[tag >>> 3];
    count++;
    if (within === undefined || (tag & 7) !== 2) reader.skipType(tag & 7);
    else {
      const length = reader.uint32();
      count += countEntries(reader, reader.pos + length, within);
    }
  }
  return count;
}

/** Damage is told by the decoder. */
function tolerant<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** The bytes of a model; equal models give equal bytes. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return MODEL.encode(model as protobuf.Message).finish();
}

function notOnnx(name: string, why: string, cause?: unknown): UserError {
  return new UserError(
    {
      code: "F101",
      exit: "badModel",
      title: `\`${name}\` is not an ONNX model`,
      why,
      help: ["export the model again, or download it again if it was copied only in part"],
    },
    { cause },
  );
}
