/**
 * Prefetches of an AArch64 program made visible to qemu's plugins, which are told no address of a `prfm`: in a copy of the
 * program each becomes the load of the same address to the zero register, an instruction that no compiler writes and that
 * changes nothing. (Arm Architecture Reference Manual, C4.1.88: loads and stores, size 3, opc 2 is PRFM, opc 1 LDR.)
 */
export function withSeenPrefetches(program: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(program);
  const view = new DataView(copy.buffer);
  for (const { offset, size } of codeSections(view)) {
    for (let at = offset; at + 4 <= offset + size; at += 4) {
      const word = view.getUint32(at, true);
      if (FORMS.some(({ mask, value }) => (word & mask) >>> 0 === value)) {
        view.setUint32(at, (word & ~OPC_AND_RT) | OPC_LDR | ZERO_REGISTER, true);
      }
    }
  }
  return copy;
}

/** Unsigned offset, register offset, unscaled offset (PRFUM). */
const FORMS = [
  { mask: 0xffc00000, value: 0xf9800000 },
  { mask: 0xffe00c00, value: 0xf8a00800 },
  { mask: 0xffe00c00, value: 0xf8800000 },
];
const OPC_AND_RT = 0x00c0001f;
const OPC_LDR = 0x00400000;
const ZERO_REGISTER = 31;

const HEADER_BYTES = 64;

/** Sections that hold instructions (ELF-64, little-endian, for AArch64); none for any other file, or where the file has none. */
function codeSections(view: DataView): readonly { readonly offset: number; readonly size: number }[] {
  const AARCH64 = 183;
  const isElf =
    view.byteLength >= HEADER_BYTES && view.getUint32(0) === 0x7f454c46 && view.getUint16(4) === 0x0201;
  if (!isElf || view.getUint16(18, true) !== AARCH64) return [];
  const table = Number(view.getBigUint64(40, true));
  const entry = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  if (entry < 64 || table + entry * count > view.byteLength) return [];
  const EXECUTABLE = 4n;
  const IN_FILE = 1;
  return Array.from({ length: count }, (_, i) => table + i * entry)
    .filter((at) => view.getUint32(at + 4, true) === IN_FILE)
    .filter((at) => (view.getBigUint64(at + 8, true) & EXECUTABLE) !== 0n)
    .map((at) => ({
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
    }))
    .filter(
      ({ offset, size }) => offset >= HEADER_BYTES && offset % 4 === 0 && offset + size <= view.byteLength,
    );
}
