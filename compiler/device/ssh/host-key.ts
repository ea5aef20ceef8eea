import { createHash, createHmac, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { UserError } from "../../support/diagnostic.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { hostKeyChanged, hostKeyRevoked, hostKeyUnknown, toolMissing } from "../board-failures.ts";
import type { Destination } from "./destination.ts";

/** One line of a known_hosts file that speaks of the host asked for. */
export interface KnownKey {
  readonly marker: "none" | "revoked" | "cert-authority";
  readonly type: string;
  /** Base64 of the key's wire format. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
  /** Found under the plain host name although the port is not 22: may confirm a key, never deny one. */
  readonly withoutPort: boolean;
}

export type HostKeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "accept-new" }
  | { readonly kind: "refused"; readonly error: UserError };

/** The name a host has in known_hosts: its port is part of it when it is not ssh's own. */
export function lookupName(at: Destination): string {
  if (at.hostKeyAlias !== undefined) return at.hostKeyAlias.toLowerCase();
  return at.port === 22 ? at.host.toLowerCase() : `[${at.host.toLowerCase()}]:${at.port}`;
}

/** Every key recorded for a host. `ssh-keygen -F` does the search: it knows hashed names and patterns. */
export async function knownKeys(at: Destination): Promise<readonly KnownKey[]> {
  const found: KnownKey[] = [];
  const name = lookupName(at);
  for (const file of at.knownHosts.filter((path) => existsSync(path))) {
    found.push(...(await search(name, file, false)));
    if (name.startsWith("[")) found.push(...(await search(at.host.toLowerCase(), file, true)));
  }
  return found;
}

async function search(name: string, file: string, withoutPort: boolean): Promise<readonly KnownKey[]> {
  const result = await execa("ssh-keygen", ["-F", name, "-f", file], {
    reject: false,
    stdin: "ignore",
    timeout: 20_000,
  });
  if (result.code === "ENOENT") throw toolMissing("ssh-keygen", "openssh-client");
  return parseFound(result.stdout, file, withoutPort);
}

/** Reads what `ssh-keygen -F` prints: a comment with the line's number, then the line itself. */
export function parseFound(text: string, file: string, withoutPort: boolean): readonly KnownKey[] {
  const keys: KnownKey[] = [];
  let line = 0;
  for (const row of text.split("\n")) {
    const comment = /^# Host .* found: line (\d+)/.exec(row);
    if (comment !== null) line = Number(comment[1]);
    if (comment !== null || row.startsWith("#") || row.trim() === "") continue;
    const words = row.trim().split(/\s+/);
    const marked = words[0]?.startsWith("@") === true;
    const [, type, key] = marked ? words.slice(1) : words;
    if (type === undefined || key === undefined) continue;
    keys.push({ marker: markerOf(words[0] ?? ""), type, key, file, line, withoutPort });
  }
  return keys;
}

function markerOf(word: string): KnownKey["marker"] {
  if (!word.startsWith("@")) return "none";
  // A marker that is not understood must not let anybody in, so it counts as revoking.
  return word === "@cert-authority" ? "cert-authority" : "revoked";
}

/** Host key algorithms of these types come first, so that the server shows a key that can be compared. */
export function preferredAlgorithms<T extends string>(
  known: readonly KnownKey[],
  all: readonly T[],
): readonly T[] {
  const types = new Set(known.filter((k) => k.marker === "none" && !k.withoutPort).map((k) => k.type));
  const first = all.filter((algorithm) =>
    types.has(algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm),
  );
  return [...first, ...all.filter((algorithm) => !first.includes(algorithm))];
}

/** The verdict on the key that a server shows, with the user's list of revoked keys asked first. */
export async function checkHostKey(
  at: Destination,
  blob: Buffer,
  known: readonly KnownKey[],
): Promise<HostKeyVerdict> {
  const list = at.revokedHostKeys;
  if (list !== undefined && (await isRevoked(list, blob))) {
    const shown = { type: keyType(blob), fingerprint: fingerprint(blob) };
    return { kind: "refused", error: hostKeyRevoked(at, shown, list) };
  }
  return judgeHostKey(at, blob, known);
}

/**
 * RevokedHostKeys names a binary list, which `ssh-keygen -Q` reads, or a text of public keys. As with ssh
 * itself, a list that cannot be read revokes every key.
 */
async function isRevoked(list: string, blob: Buffer): Promise<boolean> {
  const data = await readFile(list).catch(() => undefined);
  if (data === undefined) return true;
  const key = blob.toString("base64");
  if (!data.subarray(0, 6).equals(Buffer.from("SSHKRL"))) return data.toString().split(/\s+/).includes(key);
  return inTemporaryFolder("key", async (folder) => {
    await writeFile(join(folder, "host.pub"), `${keyType(blob)} ${key}\n`);
    const result = await execa("ssh-keygen", ["-Q", "-f", list, join(folder, "host.pub")], {
      reject: false,
      stdin: "ignore",
      timeout: 20_000,
    });
    return result.exitCode !== 0;
  });
}

/** Decides on the key that a server shows. Certificate authorities are not used: their lines say nothing. */
export function judgeHostKey(at: Destination, blob: Buffer, known: readonly KnownKey[]): HostKeyVerdict {
  const key = blob.toString("base64");
  const shown = { type: keyType(blob), fingerprint: fingerprint(blob), lookup: lookupName(at) };
  const same = known.filter((k) => k.key === key);
  const revoked = same.find((k) => k.marker === "revoked");
  if (revoked !== undefined) return { kind: "refused", error: hostKeyRevoked(at, shown, revoked.file) };
  if (same.some((k) => k.marker === "none")) return { kind: "known" };
  const others = known.filter((k) => k.marker === "none" && !k.withoutPort);
  if (others.length > 0) {
    const expected = others.map((k) => ({ ...k, fingerprint: fingerprint(Buffer.from(k.key, "base64")) }));
    return { kind: "refused", error: hostKeyChanged(at, shown, expected) };
  }
  if (at.acceptNew) return { kind: "accept-new" };
  return { kind: "refused", error: hostKeyUnknown(at, shown, at.knownHosts) };
}

/** As `ssh-keygen -l` shows it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function keyType(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return blob.toString("latin1", 4, 4 + Math.min(length, 64)).replace(/[^\x21-\x7e]/g, "?");
}

/** Records a new host's key in the user's first known_hosts file, as the user's configuration asks. */
export async function rememberHostKey(at: Destination, blob: Buffer): Promise<void> {
  const file = at.knownHosts[0];
  if (file === undefined || file === "/dev/null") return;
  const name = at.hashKnownHosts ? hashedName(lookupName(at)) : lookupName(at);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const newline = before === "" || before.endsWith("\n") ? "" : "\n";
  await appendFile(file, `${newline}${name} ${keyType(blob)} ${blob.toString("base64")}\n`, { mode: 0o600 });
}

/** known_hosts' hashed form (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): `|1|salt|HMAC-SHA1(salt, name)`. */
function hashedName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}
