import { damaged } from "./flatbuffer.ts";

// FlexBuffers (flatbuffers.dev, "FlexBuffers"): values say their types themselves, and each list how wide its elements are. Offsets lead
// backwards. As in flatbuffer.ts each is looked at first.

/** Types of values that lie in the map itself: those with an offset in their place are passed over. */
const [INT, UINT, FLOAT, BOOL] = [1, 2, 3, 26];
const MAP = 9;
/** More than any operator has options, and longer than any of their names. */
const MOST_OPTIONS = 1000;
const LONGEST_NAME = 255;

/** The numbers and truths of a map that custom options are, by their names. Throws F121. */
export function flexNumbers(bytes: Uint8Array): ReadonlyMap<string, number> {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  if (end === 0) throw damaged("an operator has no options");
  // behind the root: its type, then how many bytes it takes itself
  const [type, own] = [byteAt(file, end - 2), byteAt(file, end - 1)];
  if (type >> 2 !== MAP) throw damaged(`options of an operator are of type ${type >> 2}, not a map`);
  const width = 1 << (type & 3);
  const values = back(file, end - 2 - own, own);
  const length = unsigned(file, values - width, width);
  if (length > MOST_OPTIONS) throw damaged(`an operator has ${length} options`);
  const keyWidth = unsigned(file, values - 2 * width, width);
  const keys = back(file, values - 3 * width, width);
  const types = values + length * width;
  const found = new Map<string, number>();
  for (let i = 0; i < length; i++) {
    const value = scalar(file, values + i * width, width, byteAt(file, types + i) >> 2);
    if (value !== undefined) found.set(nameAt(file, back(file, keys + i * keyWidth, keyWidth)), value);
  }
  return found;
}

function within(file: DataView, at: number, bytes: number): number {
  if (!(at >= 0 && at + bytes <= file.byteLength))
    throw damaged(`options of an operator point to byte ${at} of ${file.byteLength}`);
  return at;
}

function byteAt(file: DataView, at: number): number {
  return file.getUint8(within(file, at, 1));
}

function unsigned(file: DataView, at: number, width: number): number {
  within(file, at, width);
  switch (width) {
    case 1:
      return file.getUint8(at);
    case 2:
      return file.getUint16(at, true);
    case 4:
      return file.getUint32(at, true);
    case 8:
      return Number(file.getBigUint64(at, true));
    default:
      throw damaged(`options of an operator have numbers of ${width} bytes`);
  }
}

/** Where the offset at a place leads. */
function back(file: DataView, at: number, width: number): number {
  return within(file, at - unsigned(file, at, width), 1);
}

function scalar(file: DataView, at: number, width: number, type: number): number | undefined {
  const bits = unsigned(file, at, width);
  if (type === UINT || type === BOOL) return bits;
  if (type === INT)
    return width === 8 ? Number(file.getBigInt64(at, true)) : (bits << (32 - 8 * width)) >> (32 - 8 * width);
  if (type !== FLOAT) return undefined;
  if (width === 4) return file.getFloat32(at, true);
  if (width === 8) return file.getFloat64(at, true);
  throw damaged(`options of an operator have a float of ${width} bytes`);
}

/** A name ends with a zero. */
function nameAt(file: DataView, at: number): string {
  const most = new Uint8Array(
    file.buffer,
    file.byteOffset + at,
    Math.min(LONGEST_NAME + 1, file.byteLength - at),
  );
  const end = most.indexOf(0);
  if (end < 0) throw damaged(`an option's name at byte ${at} of ${file.byteLength} does not end`);
  return new TextDecoder().decode(most.subarray(0, end));
}
