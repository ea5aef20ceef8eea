import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2, { type Attributes, type Connection, type ServerChannel, type SFTPWrapper } from "ssh2";

/** What a command of the client's does on the faulty board. */
export type OnExec = (command: string, channel: ServerChannel, board: FaultyBoard) => void;

export interface Faults {
  /** Called for every command but those that `answers` knows. */
  readonly onExec?: OnExec;
  /** Bytes after which writing files fails, as on a full disk. */
  readonly room?: number;
  /** The server drops this many connections before it says a word. */
  readonly drops?: number;
  /** The server takes the connection and never says a word. */
  readonly silent?: boolean;
  /** The server takes such a request and never answers it. */
  readonly ignores?: "session" | "exec" | "sftp" | "stat";
  /** Told of every command. */
  readonly hears?: (command: string) => void;
  /** What a script says that comes by standard input, behind its mark. */
  readonly says?: (script: string) => string;
  /** The server refuses every command. */
  readonly noExec?: boolean;
  /** No key is good enough. */
  readonly refuseLogin?: boolean;
}

export interface FaultyBoard {
  readonly sshConfigPath: string;
  readonly port: number;
  /** Files written by the client: path and contents; undefined for folders. */
  readonly files: Map<string, Buffer | undefined>;
  /** Cuts every connection, as pulling the plug does. */
  cut(): void;
  stop(): void;
}

/** An ssh server inside this process, with faults no real one has at will. Its ssh alias is `faulty`. */
export async function startFaultyBoard(faults: Faults = {}): Promise<FaultyBoard> {
  const folder = mkdtempSync(join(tmpdir(), "faulty-board-"));
  const key = (name: string): string => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
    return readFileSync(join(folder, `${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  };
  const hostKey = key("host");
  key("user");
  const sockets = new Set<Socket>();
  const files = new Map<string, Buffer | undefined>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(join(folder, "host"))] }, (client) => {
    serve(client, faults, board);
  });
  let toDrop = faults.drops ?? 0;
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    if (toDrop-- > 0) socket.destroy();
    else if (faults.silent !== true) server.injectSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const sshConfigPath = join(folder, "config");
  const known = join(folder, "known_hosts");
  writeFileSync(known, `[127.0.0.1]:${port} ${hostKey}\n`);
  writeFileSync(
    sshConfigPath,
    [
      ...["Host faulty", "HostName 127.0.0.1", `Port ${port}`, "User pi", "ConnectTimeout 1"],
      ...[`IdentityFile ${join(folder, "user")}`, "IdentitiesOnly yes", "IdentityAgent none"],
      ...["ServerAliveInterval 1", "ServerAliveCountMax 1"],
      ...[`UserKnownHostsFile ${known}`, "GlobalKnownHostsFile none", ""],
    ].join("\n"),
  );
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = (): void => {
    cut();
    listener.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const board: FaultyBoard = { sshConfigPath, port, files, cut, stop };
  return board;
}

function serve(client: Connection, faults: Faults, board: FaultyBoard): void {
  client.on("error", () => {});
  client.on("authentication", (attempt) => {
    if (attempt.method !== "publickey" || faults.refuseLogin === true)
      attempt.reject(["publickey", "password"]);
    else attempt.accept();
  });
  client.on("session", (accept) => {
    if (faults.ignores === "session") return;
    const session = accept();
    session.on("exec", (acceptExec, reject, info) => {
      if (faults.noExec === true) return reject();
      if (faults.ignores === "exec") return;
      const channel = acceptExec();
      channel.on("error", () => {});
      faults.hears?.(info.command);
      if (info.command.startsWith("'sh' '-s' ")) return answerScript(channel, faults.says ?? answerOf);
      const part = appendsTo(info.command, board.files);
      if (part !== undefined) return takeFile(channel, part, faults, board.files);
      const known = answer(info.command, faults);
      if (known !== undefined) end(channel, 0, known);
      else faults.onExec?.(info.command, channel, board);
    });
    session.on("sftp", (acceptSftp) => {
      if (faults.ignores === "sftp") return;
      serveFiles(acceptSftp(), faults, board.files);
    });
  });
}

/** A script makes the folders, or room for an upload. */
const answerOf = (script: string): string =>
  script.includes("mkdir -p") ? "folder /home/pi/.cache/tilewright" : "room";

/** A script comes by standard input. */
function answerScript(channel: ServerChannel, says: (script: string) => string): void {
  let text = "";
  channel.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  channel.on("end", () => {
    const mark = /^echo '(.*)'/.exec(text)?.[1];
    end(channel, 0, `${mark}\n${says(text)}\n`);
  });
}

/** The file that a command appends to by a script that was sent before; undefined for other commands. */
function appendsTo(command: string, files: ReadonlyMap<string, Buffer | undefined>): string | undefined {
  const words = [...command.matchAll(/'([^']*)'/g)].map(([, word]) => word ?? "");
  const appends = words.some((word) => files.get(word)?.includes("Appends standard input") === true);
  return appends ? words.at(-2) : undefined;
}

function takeFile(
  channel: ServerChannel,
  path: string,
  faults: Faults,
  files: Map<string, Buffer | undefined>,
): void {
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  channel.on("end", () => {
    const data = Buffer.concat(chunks);
    const room = faults.room ?? Number.POSITIVE_INFINITY;
    files.set(path, data.subarray(0, room));
    if (data.length <= room) end(channel, 0);
    else end(channel, 3, "", "cat: write error: No space left on device\n");
  });
}

/** What every board can say: its state, its free space, and that it has removed something. */
function answer(command: string, faults: Faults): string | undefined {
  const mark = /'(tilewright [0-9a-f]+)'/.exec(command)?.[1];
  if (command.startsWith("'rm' ")) return "";
  if (mark !== undefined && command.includes("echo ")) return `${mark}\n`;
  if (mark === undefined && command.startsWith("'sh' ")) return "machine aarch64\nmodel Faulty Board\n";
  if (!command.startsWith("'df' ")) return undefined;
  const free = Math.floor((faults.room ?? 1e9) / 1024);
  return `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/root 999999 1 ${free} 99% /\n`;
}

/** Ends a command as a real server does. */
export function end(channel: ServerChannel, status: number, stdout = "", stderr = ""): void {
  channel.stderr.write(stderr);
  channel.write(stdout);
  channel.exit(status);
  channel.end();
}

function serveFiles(sftp: SFTPWrapper, faults: Faults, files: Map<string, Buffer | undefined>): void {
  const { STATUS_CODE: status, OPEN_MODE: mode } = ssh2.utils.sftp;
  const handles: string[] = [];
  const attributes = (path: string): Attributes => ({
    mode: files.get(path) === undefined ? 0o40700 : 0o100600,
    uid: 0,
    gid: 0,
    size: files.get(path)?.length ?? 0,
    atime: 0,
    mtime: 0,
  });
  const open = (id: number, path: string): void => {
    handles.push(path);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(handles.length - 1);
    sftp.handle(id, handle);
  };
  const pathOf = (handle: Buffer): string => handles[handle.readUInt32BE(0)] ?? "";
  const stat = (id: number, path: string): void => {
    if (faults.ignores === "stat") return;
    if (path === "/home/pi" || files.has(path)) sftp.attrs(id, attributes(path));
    else sftp.status(id, status.NO_SUCH_FILE);
  };
  sftp.on("error", () => {});
  sftp.on("REALPATH", (id) => {
    sftp.name(id, [{ filename: "/home/pi", longname: "/home/pi", attrs: attributes("/home/pi") }]);
  });
  sftp.on("STAT", stat);
  sftp.on("LSTAT", stat);
  sftp.on("FSTAT", (id, handle) => stat(id, pathOf(handle)));
  sftp.on("FSETSTAT", (id) => sftp.status(id, status.OK));
  sftp.on("SETSTAT", (id) => sftp.status(id, status.OK));
  sftp.on("MKDIR", (id, path) => {
    files.set(path, undefined);
    sftp.status(id, status.OK);
  });
  sftp.on("OPEN", (id, path, flags) => {
    if (!files.has(path) && (flags & mode.CREAT) === 0) return sftp.status(id, status.NO_SUCH_FILE);
    if (!files.has(path)) files.set(path, Buffer.alloc(0));
    open(id, path);
  });
  sftp.on("WRITE", (id, handle, offset, data) => {
    const path = pathOf(handle);
    const before = files.get(path) ?? Buffer.alloc(0);
    if (offset + data.length > (faults.room ?? Number.POSITIVE_INFINITY))
      return sftp.status(id, status.FAILURE);
    const after = Buffer.alloc(Math.max(before.length, offset + data.length));
    before.copy(after);
    data.copy(after, offset);
    files.set(path, after);
    sftp.status(id, status.OK);
  });
  sftp.on("READ", (id, handle, offset, length) => {
    const data = files.get(pathOf(handle))?.subarray(offset, offset + length);
    if (data === undefined || data.length === 0) sftp.status(id, status.EOF);
    else sftp.data(id, data);
  });
  sftp.on("CLOSE", (id) => sftp.status(id, status.OK));
  sftp.on("RENAME", (id, from, to) => {
    files.set(to, files.get(from));
    files.delete(from);
    sftp.status(id, status.OK);
  });
  sftp.on("REMOVE", (id, path) => {
    files.delete(path);
    sftp.status(id, status.OK);
  });
}
