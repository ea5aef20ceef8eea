import { createReadStream } from "node:fs";

/** The checksum of POSIX `cksum`: a CRC of 32 bits by the polynomial 0x04C11DB7 of the bytes and then their number. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc >>> 0;
});

/** What `cksum` prints first, of some bytes. */
export function posixCksum(data: Uint8Array): string {
  return finished(added(0, data), data.length);
}

/** The same of a file of any size. */
export async function fileCksum(path: string): Promise<string> {
  let crc = 0;
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    crc = added(crc, chunk);
    size += chunk.length;
  }
  return finished(crc, size);
}

function added(crc: number, data: Uint8Array): number {
  let sum = crc;
  for (const byte of data) sum = (sum << 8) ^ (TABLE[(sum >>> 24) ^ byte] ?? 0);
  return sum;
}

function finished(crc: number, size: number): string {
  let sum = crc;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) {
    sum = (sum << 8) ^ (TABLE[(sum >>> 24) ^ (rest & 255)] ?? 0);
  }
  return String(~sum >>> 0);
}
