/** The little-endian floats in some bytes, copied: bytes may begin anywhere in a larger buffer. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
