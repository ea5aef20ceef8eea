import fc from "fast-check";
import { expect, test } from "vitest";
import { withSeenPrefetches } from "../../compiler/device/seen-prefetches.ts";

/** Instructions as the assembler has them, and what stands in their place. */
const PREFETCHES: readonly (readonly [text: string, prefetch: number, load: number])[] = [
  ["prfm pldl1keep, [x1]", 0xf9800020, 0xf940003f],
  ["prfm pstl3strm, [sp, #32760]", 0xf9bffff5, 0xf97fffff],
  ["prfum pldl2keep, [x6, #-1]", 0xf89ff0c2, 0xf85ff0df],
  ["prfm pldl1strm, [x6, x7, lsl #3]", 0xf8a778c1, 0xf86778df],
];
const OTHERS: readonly (readonly [text: string, word: number])[] = [
  ["ldr x0, [x1]", 0xf9400020],
  ["str x0, [x1]", 0xf9000020],
  ["ldrsw x0, [x1]", 0xb9800020],
  ["ldr q0, [x1]", 0x3dc00020],
  ["ldur x0, [x1, #-1]", 0xf85ff020],
  ["fmla v0.4s, v1.4s, v2.4s", 0x4e22cc20],
  ["hint #0x70", 0xd5032e1f],
];

interface Shape {
  readonly machine?: number;
  readonly offset?: bigint;
  readonly size?: bigint;
  readonly table?: bigint;
  readonly flags?: bigint;
  readonly type?: number;
  readonly littleEndian?: boolean;
}
const CODE_AT = 64;

/** An ELF-64 file: header, one section of words, the table of sections. */
function elf(words: readonly number[], shape: Shape = {}): Uint8Array {
  const {
    machine = 183,
    offset = BigInt(CODE_AT),
    size = BigInt(4 * words.length),
    flags = 6n,
    type = 1,
  } = shape;
  const at = CODE_AT + 4 * words.length;
  const bytes = new Uint8Array(at + 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, shape.littleEndian === false ? 2 : 1]);
  view.setUint16(18, machine, true);
  view.setBigUint64(40, shape.table ?? BigInt(at), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 1, true);
  words.forEach((word, i) => view.setUint32(CODE_AT + 4 * i, word, true));
  view.setUint32(at + 4, type, true);
  view.setBigUint64(at + 8, flags, true);
  view.setBigUint64(at + 24, offset, true);
  view.setBigUint64(at + 32, size, true);
  return bytes;
}

const words = (bytes: Uint8Array, count: number): number[] =>
  Array.from({ length: count }, (_, i) => new DataView(bytes.buffer).getUint32(CODE_AT + 4 * i, true));
const prefetches = PREFETCHES.map(([, word]) => word);

test.each(PREFETCHES)("%s becomes a load of the same address to xzr", (_, prefetch, load) => {
  expect(words(withSeenPrefetches(elf([prefetch])), 1)).toEqual([load]);
});

test("nothing else changes, nor does what is given", () => {
  const code = OTHERS.flatMap(([, word], i) => [word, prefetches[i % prefetches.length]]);
  const given = elf(code);
  const seen = withSeenPrefetches(given);
  expect(words(given, code.length)).toEqual(code);
  expect(words(seen, code.length).filter((_, i) => i % 2 === 0)).toEqual(OTHERS.map(([, word]) => word));
  expect(seen.length).toBe(given.length);
  const different = Array.from(seen.keys()).filter((i) => seen[i] !== given[i]);
  expect(different.every((i) => i >= CODE_AT && i < CODE_AT + 4 * code.length && (i >> 2) % 2 === 1)).toBe(
    true,
  );
  expect(withSeenPrefetches(seen)).toEqual(seen);
});

test.each<readonly [string, Uint8Array]>([
  ["an x86 program", elf(prefetches, { machine: 62 })],
  ["big-endian", elf(prefetches, { littleEndian: false })],
  ["a section of data", elf(prefetches, { flags: 2n })],
  ["a section with nothing in the file", elf(prefetches, { type: 8 })],
  ["a section beyond the file", elf(prefetches, { size: 1n << 40n })],
  ["a section that starts beyond every file", elf(prefetches, { offset: (1n << 64n) - 4n })],
  ["a section in the header", elf(prefetches, { offset: 0n })],
  ["a section that starts amid an instruction", elf(prefetches, { offset: 66n, size: 8n })],
  ["a table beyond every file", elf(prefetches, { table: (1n << 64n) - 64n })],
  ["a table beyond the file", elf(prefetches, { table: 10_000n })],
  ["no ELF", new TextEncoder().encode("#!/bin/sh\nexit 0\n".padEnd(200))],
  ["nothing", new Uint8Array(0)],
])("%s comes back as it is", (_, bytes) => {
  expect(withSeenPrefetches(bytes)).toEqual(bytes);
});

test("a file that ends early, or has any byte wrong, is no reason to fail", () => {
  const whole = elf(prefetches);
  for (let length = 0; length < whole.length; length++) {
    const part = whole.slice(0, length);
    expect(withSeenPrefetches(part)).toEqual(part);
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const broken = Uint8Array.from(whole);
      broken[at] = byte;
      expect(withSeenPrefetches(broken).length).toBe(whole.length);
    }),
  );
});

test("a file read into a larger buffer is a file", () => {
  const whole = elf(prefetches);
  const pool = Buffer.alloc(1000);
  pool.set(whole, 100);
  expect(withSeenPrefetches(pool.subarray(100, 100 + whole.length))).toEqual(withSeenPrefetches(whole));
});
