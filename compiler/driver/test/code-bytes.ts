import { readFile } from "node:fs/promises";

/** Sections of this kind are in no file; of these flags are code (ELF-64 Object File Format, sections 4 and 5). */
const NOBITS = 8;
const EXECUTABLE = 4;

/** Bytes of code in an executable: its sections that hold instructions. 0 for what is no little-endian ELF file. */
export async function codeBytes(program: string): Promise<number> {
  const file = await readFile(program);
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[5] !== 1) return 0;
  const wide = file[4] === 2;
  const [table, size, count] = wide
    ? [Number(file.readBigUInt64LE(0x28)), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)]
    : [file.readUInt32LE(0x20), file.readUInt16LE(0x2e), file.readUInt16LE(0x30)];
  if (table + size * count > file.length || size < (wide ? 64 : 40)) return 0;
  const sections = Array.from({ length: count }, (_, i) => {
    const at = table + i * size;
    const type = file.readUInt32LE(at + 4);
    const flags = file.readUInt32LE(at + 8);
    const bytes = wide ? Number(file.readBigUInt64LE(at + 32)) : file.readUInt32LE(at + 20);
    return type !== NOBITS && (flags & EXECUTABLE) !== 0 ? bytes : 0;
  });
  return sections.reduce((a, b) => a + b, 0);
}
