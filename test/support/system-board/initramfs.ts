import { gzipSync } from "node:zlib";

/** A file, link or folder of an initramfs, owned by `owner` (root by default). */
export type Entry = { readonly path: string; readonly mode: number; readonly owner?: number } & (
  | { readonly kind: "file"; readonly data: Uint8Array }
  | { readonly kind: "link"; readonly to: string }
  | { readonly kind: "folder" }
);

const TYPES = { file: 0o100000, link: 0o120000, folder: 0o040000 } as const;

/** An archive that Linux takes for its first file system: cpio of the kind "newc" (cpio(5)), deflated. Folders come before what lies in them. */
export function initramfs(entries: readonly Entry[]): Buffer {
  const all = entries.map((entry, i) => record(entry, i + 1));
  const end = record({ path: "TRAILER!!!", mode: 0, kind: "file", data: new Uint8Array() }, 0);
  return gzipSync(Buffer.concat([...all, end]), { level: 1 });
}

function record(entry: Entry, inode: number): Buffer {
  const { path, mode, kind, owner = 0 } = entry;
  const data =
    entry.kind === "file" ? Buffer.from(entry.data) : Buffer.from(entry.kind === "link" ? entry.to : "");
  const name = Buffer.from(`${path}\0`);
  // Inode, mode, owner, group, links, time, size, device (2), device of a node (2), length of the name, checksum.
  const numbers = [inode, TYPES[kind] | mode, owner, owner, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const head = Buffer.from(`070701${numbers.map((n) => n.toString(16).padStart(8, "0")).join("")}`);
  return Buffer.concat([padded(Buffer.concat([head, name])), padded(data)]);
}

/** To a whole number of words. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
