// Fields of protobuf messages as bytes: a model gets initializers without being decoded and written anew, which would lose
// what this compiler does not read.

function readVarint(bytes, from) {
  let value = 0;
  let at = from;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * shift;
    if (byte < 128) return { value, at };
  }
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A field that holds bytes, text or another message. */
export function field(number, contents) {
  return join(varint(number * 8 + 2), varint(contents.length), contents);
}

/** A field that holds a number. */
export function numberField(number, value) {
  return join(varint(number * 8), varint(value));
}

/** The message with the contents of its field `number`, which is there once, replaced. */
export function withField(message, number, change) {
  const parts = [];
  let at = 0;
  while (at < message.length) {
    const begin = at;
    const tag = readVarint(message, at);
    at = tag.at;
    const kind = tag.value & 7;
    if (kind === 0) at = readVarint(message, at).at;
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = readVarint(message, at);
      at = length.at + length.value;
      if (tag.value >>> 3 === number) {
        parts.push(field(number, change(message.subarray(length.at, at))));
        continue;
      }
    }
    parts.push(message.subarray(begin, at));
  }
  return join(...parts);
}
