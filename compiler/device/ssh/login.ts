import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, BaseAgent, IdentityCallback, ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import type { Destination } from "./destination.ts";

/** The ways to log in that are tried in turn, and a protocol of them for the message when none works. */
export interface Login {
  readonly handler: AuthHandlerMiddleware;
  readonly tried: readonly string[];
  readonly skipped: readonly string[];
  /** Methods that the server says it accepts. */
  readonly accepted: readonly string[];
  /** Keys that only the program `ssh` can use, in words. */
  readonly beyond: readonly string[];
}

interface Attempt {
  readonly label: string;
  readonly method: AnyAuthMethod;
}

/**
 * Keys as OpenSSH tries them: those of the agent that the configuration names, the agent's other keys
 * (unless IdentitiesOnly), then key files. Never asks for anything: an encrypted key is left to the agent.
 */
export async function prepareLogin(at: Destination): Promise<Login> {
  const noKey: Attempt = { label: "no key", method: { type: "none", username: at.user } };
  if (!at.keys.allowed) return sequence([noKey], [`keys (your ssh configuration says ${at.keys.why})`], []);
  const skipped: string[] = [];
  const beyond: string[] = [];
  const attempts: Attempt[] = [noKey];
  const files = at.identityFiles.filter((file) => existsSync(file) || existsSync(`${file}.pub`));
  const held = at.agent === undefined ? undefined : await agentKeys(at.agent);
  if (at.agent !== undefined && held === undefined) skipped.push(`agent ${at.agent} (it does not answer)`);
  if (at.agent !== undefined && held !== undefined) {
    if (held.foreign > 0) beyond.push(`keys of the agent (${held.foreign} of kinds that ssh2 has not)`);
    const named = (await Promise.all(files.map(publicBlob))).filter((blob) => blob !== undefined);
    const keys = orderKeys(held.keys, named, at.identitiesOnly);
    if (keys.length > 0) {
      const agent = fixedAgent(ssh2.createAgent(at.agent), keys);
      const label = `agent (${keys.length} ${keys.length === 1 ? "key" : "keys"})`;
      attempts.push({ label, method: { type: "agent", username: at.user, agent } });
    } else skipped.push("agent (it holds no key for this)");
  }
  for (const file of files.filter((path) => existsSync(path))) {
    const key = await privateKey(file, at.keys.types);
    if (key.kind === "beyond") beyond.push(`the key ${file}, of a kind that ssh2 has not`);
    else if (key.kind === "unusable") {
      const loaded = held !== undefined && (await isHeld(file, held.keys));
      if (!loaded) skipped.push(`${file} (${key.why})`);
    } else
      attempts.push({ label: `key ${file}`, method: { type: "publickey", username: at.user, key: key.key } });
  }
  return sequence(attempts, skipped, beyond);
}

function sequence(
  attempts: readonly Attempt[],
  skipped: readonly string[],
  beyond: readonly string[],
): Login {
  const tried: string[] = [];
  const accepted: string[] = [];
  let next = 0;
  const handler: AuthHandlerMiddleware = (left, _partial, proceed) => {
    if (left !== null && left !== undefined) accepted.splice(0, accepted.length, ...left);
    const attempt = attempts[next];
    const hopeless = next > 0 && accepted.length > 0 && !accepted.includes("publickey");
    next++;
    if (attempt === undefined || hopeless) return giveUp(proceed);
    if (attempt.method.type !== "none") tried.push(attempt.label);
    proceed(attempt.method);
  };
  return { handler, tried, skipped, accepted, beyond };
}

/** ssh2 takes `false` for "nothing left to try"; its types do not say so. */
function giveUp(proceed: (method: AnyAuthMethod) => void): void {
  (proceed as (method: AnyAuthMethod | false) => void)(false);
}

function orderKeys(
  held: readonly ParsedKey[],
  named: readonly string[],
  onlyNamed: boolean,
): readonly ParsedKey[] {
  const isNamed = (key: ParsedKey): boolean => named.includes(key.getPublicSSH().toString("base64"));
  return [...held.filter(isNamed), ...(onlyNamed ? [] : held.filter((key) => !isNamed(key)))];
}

/** The agent, showing only these keys, in this order. */
function fixedAgent(agent: BaseAgent, keys: readonly ParsedKey[]): BaseAgent {
  const fixed = Object.create(agent) as BaseAgent<ParsedKey>;
  fixed.getIdentities = (done: IdentityCallback<ParsedKey>) => done(undefined, [...keys]);
  return fixed;
}

/** Keys that an agent holds, and how many more of kinds that ssh2 cannot read. */
interface HeldKeys {
  readonly keys: readonly ParsedKey[];
  readonly foreign: number;
}

function agentKeys(socket: string): Promise<HeldKeys | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), 5000);
    ssh2.createAgent(socket).getIdentities((error, held) => {
      clearTimeout(timer);
      if (error) return resolve(undefined);
      const parsed = (held ?? []).map((key) => ssh2.utils.parseKey(publicPart(key)));
      const keys = parsed.filter((key): key is ParsedKey => !(key instanceof Error));
      resolve({ keys, foreign: parsed.length - keys.length });
    });
  });
}

function publicPart(key: unknown): ParsedKey | Buffer | string {
  const entry = key as { readonly pubKey?: ParsedKey | Buffer | string };
  return entry.pubKey ?? (key as ParsedKey | Buffer | string);
}

type PrivateKey =
  | { readonly kind: "usable"; readonly key: ParsedKey }
  | { readonly kind: "unusable"; readonly why: string }
  | { readonly kind: "beyond" };

/** `types`: signature algorithms that the configuration allows; none: all. */
async function privateKey(file: string, types: readonly string[]): Promise<PrivateKey> {
  try {
    const { uid, mode } = await stat(file);
    // As ssh does: what others may read is no secret.
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      return { kind: "unusable", why: `others may read it, so ssh refuses it: type \`chmod 600 ${file}\`` };
    }
    const text = await readFile(file);
    const parsed = ssh2.utils.parseKey(text);
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key instanceof Error || key === undefined) {
      const encrypted = /encrypted|passphrase/i.test(key?.message ?? "") || text.includes("BEGIN ENCRYPTED");
      return encrypted
        ? { kind: "unusable", why: `encrypted: type \`ssh-add ${file}\`` }
        : { kind: "beyond" };
    }
    if (!key.isPrivateKey()) return { kind: "unusable", why: "not a private key" };
    if (!isAccepted(key.type, types)) {
      return { kind: "unusable", why: "PubkeyAcceptedAlgorithms of your ssh configuration leaves it out" };
    }
    return { kind: "usable", key };
  } catch (error) {
    return { kind: "unusable", why: error instanceof Error ? error.message : String(error) };
  }
}

function isAccepted(type: string, types: readonly string[]): boolean {
  const signatures = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
  return types.length === 0 || signatures.some((name) => types.includes(name));
}

async function isHeld(file: string, held: readonly ParsedKey[]): Promise<boolean> {
  const blob = await publicBlob(file);
  return blob !== undefined && held.some((key) => key.getPublicSSH().toString("base64") === blob);
}

/** Base64 of a key file's public half, from its .pub file or from the key itself. */
async function publicBlob(file: string): Promise<string | undefined> {
  if (existsSync(`${file}.pub`)) {
    const blob = (await readFile(`${file}.pub`, "utf8")).trim().split(/\s+/)[1];
    if (blob !== undefined) return blob;
  }
  const key = existsSync(file) ? await privateKey(file, []) : undefined;
  return key?.kind === "usable" ? key.key.getPublicSSH().toString("base64") : undefined;
}
