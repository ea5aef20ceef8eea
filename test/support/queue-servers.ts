import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** A queue's server of this machine alone. */
export interface TestServer {
  /** With the user and password that it was started with. */
  readonly url: string;
  /** Without them. */
  readonly shown: string;
  /** Ends it at once, as a machine that is switched off. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly kind: "redis" | "postgres";
  /** It is installed; a test of what is not is skipped, and its name says which it is. */
  readonly isHere: boolean;
  start(password?: string): Promise<TestServer>;
}

export const SERVERS: readonly ServerKind[] = [
  {
    kind: "redis",
    isHere: true,
    start: (password) => startRedis(...(password === undefined ? [] : ["--requirepass", password])),
  },
  { kind: "postgres", isHere: postgresFolder() !== undefined, start: startPostgres },
];

/** A Redis server that keeps nothing on the disk: it comes back empty. */
export async function startRedis(...settings: readonly string[]): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-redis-"));
  const port = await freePort();
  const alone = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const password = settings[settings.indexOf("--requirepass") + 1];
  return started({
    ...{ file: "redis-server", words: [...alone, "--dir", folder, ...settings], folder, kill: "SIGKILL" },
    ready: "Ready to accept connections",
    shown: `redis://127.0.0.1:${port}`,
    login: settings.includes("--requirepass") ? `:${encodeURIComponent(password ?? "")}@` : "",
  });
}

/** A PostgreSQL server that comes back with what it had. */
export async function startPostgres(password?: string): Promise<TestServer> {
  const bin = postgresFolder() ?? "";
  const folder = mkdtempSync(join(tmpdir(), "tilewright-postgres-"));
  const owner = process.getuid?.() === 0 ? NOBODY : undefined;
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const secret = join(folder, "password");
  writeFileSync(secret, password ?? "none");
  const users = [
    "-U",
    "tunes",
    `--pwfile=${secret}`,
    "-A",
    password === undefined ? "trust" : "scram-sha-256",
  ];
  const settings = ["--no-sync", "--no-instructions", "--locale=C", "-E", "UTF8"];
  await promisify(execFile)(join(bin, "initdb"), ["-D", data, ...users, ...settings], {
    ...owner,
    cwd: folder,
  });
  const port = await freePort();
  const alone = ["-h", "127.0.0.1", "-p", String(port), "-c", "unix_socket_directories=", "-c", "fsync=off"];
  return started({
    ...{ file: join(bin, "postgres"), words: ["-D", data, ...alone], folder, kill: "SIGQUIT" },
    ...(owner !== undefined && { owner }),
    ready: "database system is ready to accept connections",
    shown: `postgres://127.0.0.1:${port}/postgres`,
    login: password === undefined ? "tunes@" : `tunes:${encodeURIComponent(password)}@`,
  });
}

/** Who the server is run by instead of root. */
const NOBODY = { uid: 65534, gid: 65534 };

/** Where its programs are; Debian has them apart. */
function postgresFolder(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...versions.map((v) => join(debian, v, "bin")),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

interface Starting {
  readonly file: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly owner?: Pick<SpawnOptions, "uid" | "gid">;
  /** What it says when it can be asked. */
  readonly ready: string;
  readonly kill: NodeJS.Signals;
  readonly shown: string;
  readonly login: string;
}

async function started({
  file,
  words,
  folder,
  owner,
  ready,
  shown,
  login,
  ...how
}: Starting): Promise<TestServer> {
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const child = spawn(file, words, { ...owner, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    server = child;
    let said = "";
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`${file} ended:\n${said}`)));
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk) => {
          said = `${said}${chunk}`.slice(-10_000);
          if (said.includes(ready)) resolve();
        });
    });
  };
  const kill = async (): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill(how.kill);
    await once(server, "exit");
  };
  await start();
  return {
    url: shown.replace("://", `://${login}`),
    ...{ shown, kill, restart: start },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of the loopback interface that nobody listens to. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
