import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Entry } from "./initramfs.ts";
import type { Machine } from "./machines.ts";

const PI = 1000;
const LIBRARIES = "lib/aarch64-linux-gnu";

/** All that a machine's system consists of: busybox, a dropbear with sftp, their libraries, modules for its network, the account `pi`. */
export function boardFiles(
  debian: string,
  { modules }: Machine,
  hostKey: string,
  authorizedKeys: string,
): readonly Entry[] {
  const folder = (path: string, mode = 0o755, owner = 0): Entry => ({ kind: "folder", path, mode, owner });
  const text = (path: string, lines: readonly string[]): Entry =>
    file(path, Buffer.from(`${lines.join("\n")}\n`));
  const copied = (path: string, from: string, mode = 0o755): Entry =>
    file(path, readFileSync(join(debian, from)), mode);
  const init = fileURLToPath(new URL("init.sh", import.meta.url));
  return [
    ...["bin", "dev", "etc", "etc/dropbear", "home", "lib", LIBRARIES, "modules"].map((path) => folder(path)),
    ...["proc", "root", "sys", "tmp", "usr", "usr/bin", "usr/lib", "usr/lib/openssh", "usr/sbin"].map(
      (path) => folder(path),
    ),
    ...[folder("skeleton"), folder("skeleton/pi", 0o755, PI), folder("skeleton/pi/.ssh", 0o700, PI)],
    file("skeleton/pi/.ssh/authorized_keys", readFileSync(authorizedKeys), 0o600, PI),
    file("init", readFileSync(init), 0o755),
    copied("bin/busybox", "bin/busybox"),
    copied("usr/sbin/dropbear", "usr/sbin/dropbear"),
    // Where dropbear looks for it.
    copied("usr/lib/openssh/sftp-server", "usr/lib/openssh/sftp-server"),
    { kind: "link", path: "usr/lib/sftp-server", mode: 0o777, to: "openssh/sftp-server" },
    {
      kind: "link",
      path: "lib/ld-linux-aarch64.so.1",
      mode: 0o777,
      to: "aarch64-linux-gnu/ld-linux-aarch64.so.1",
    },
    ...libraries(debian),
    file("etc/dropbear/host_key", readFileSync(hostKey), 0o600),
    text("etc/passwd", ["root:x:0:0:root:/root:/bin/sh", `pi:x:${PI}:${PI}::/home/pi:/bin/sh`]),
    text("etc/group", ["root:x:0:", `pi:x:${PI}:`]),
    text("etc/shadow", ["root:*:19000:0:99999:7:::", "pi:*:19000:0:99999:7:::"]),
    text("etc/shells", ["/bin/sh"]),
    text("modules/list", modules),
    ...modules.map((name) => file(`modules/${name}.ko`, readFileSync(moduleFile(debian, name)))),
  ];
}

function file(path: string, data: Uint8Array, mode = 0o644, owner = 0): Entry {
  return { kind: "file", path, mode, owner, data };
}

/** Those of Debian's two folders of libraries, in one. */
function libraries(debian: string): readonly Entry[] {
  const found = new Map<string, Entry>();
  for (const folder of [LIBRARIES, `usr/${LIBRARIES}`]) {
    for (const entry of readdirSync(join(debian, folder), { withFileTypes: true })) {
      const [path, from] = [`${LIBRARIES}/${entry.name}`, join(debian, folder, entry.name)];
      if (entry.isFile()) found.set(path, file(path, readFileSync(from), 0o755));
      if (entry.isSymbolicLink()) {
        found.set(path, { kind: "link", path, mode: 0o777, to: basename(readlinkSync(from)) });
      }
    }
  }
  return [...found.values()];
}

function moduleFile(debian: string, name: string): string {
  const all = readdirSync(join(debian, "lib/modules"), { recursive: true, encoding: "utf8" });
  const found = all.find((path) => basename(path) === `${name}.ko`);
  if (found === undefined) throw new Error(`the kernel has no module ${name}`);
  return join(debian, "lib/modules", found);
}
