import pLimit from "p-limit";
import type { SFTPWrapper } from "ssh2";

/** One request; rejects when the connection is lost before its answer, or there is none in time. */
export type Call = <T>(
  doing: string,
  start: (done: (error: Error | null | undefined, value?: T) => void) => void,
) => Promise<T>;

/** Bytes of a request that every server takes (draft-ietf-secsh-filexfer-02, section 3). */
const PIECE_BYTES = 32768;
/** Requests that wait for their answers beside each other: a way there and back is then paid for many pieces at once. */
const AT_ONCE = 8;

/** Writes a file in pieces, each with its own time to be answered: a large one may take as long as it grows. */
export async function writePieces(
  sftp: SFTPWrapper,
  call: Call,
  path: string,
  data: Buffer,
  mode: number,
): Promise<void> {
  const handle = await call<Buffer>(`write ${path}`, (done) => sftp.open(path, "w", { mode }, done));
  const close = (): Promise<void> => call<void>(`close ${path}`, (done) => sftp.close(handle, done));
  try {
    await eachPiece(data.length, (at, length) =>
      call<void>(`write ${path}`, (done) => sftp.write(handle, data, at, length, at, done)),
    );
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  // Some disks tell only now that they are full.
  await close();
}

/** Reads the first `size` bytes of a file, fewer where it has fewer. */
export async function readPieces(sftp: SFTPWrapper, call: Call, path: string, size: number): Promise<Buffer> {
  const handle = await call<Buffer>(`give ${path}`, (done) => sftp.open(path, "r", done));
  const into = Buffer.alloc(size);
  let end = size;
  const reading = eachPiece(size, async (at, length) => {
    for (let have = 0; have < length; ) {
      const read = await call<number>(`give ${path}`, (done) =>
        sftp.read(handle, into, at + have, length - have, at + have, done),
      );
      if (read === 0) end = Math.min(end, at + have);
      if (read === 0) return;
      have += read;
    }
  });
  await reading.finally(() => {
    // Nobody waits for a file that was only read to be closed.
    call<void>(`close ${path}`, (done) => sftp.close(handle, done)).catch(() => {});
  });
  return into.subarray(0, end);
}

async function eachPiece(size: number, take: (at: number, length: number) => Promise<void>): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const starts = Array.from({ length: Math.ceil(size / PIECE_BYTES) }, (_, i) => i * PIECE_BYTES);
  try {
    await Promise.all(starts.map((at) => limit(take, at, Math.min(PIECE_BYTES, size - at))));
  } finally {
    limit.clearQueue();
  }
}
