/** Contents of a file that are made piece by piece: all of them at once may be more than memory holds. */
export interface LargeFile {
  readonly byteLength: number;
  /** From the beginning, each time anew. */
  chunks(): Iterable<Uint8Array>;
}

/** What a file of a bundle holds. */
export type FileContents = string | Uint8Array | LargeFile;

export function isLarge(contents: FileContents): contents is LargeFile {
  return typeof contents !== "string" && !(contents instanceof Uint8Array);
}

/** A file's contents in one piece: strings as UTF-8. */
export function wholeFile(contents: FileContents): Uint8Array {
  if (typeof contents === "string") return Buffer.from(contents);
  return isLarge(contents) ? Buffer.concat([...contents.chunks()]) : contents;
}

export function fileBytes(contents: FileContents): number {
  return typeof contents === "string" ? Buffer.byteLength(contents) : contents.byteLength;
}
