import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from "ssh2";

/** What ssh2 and OpenSSH both know, in ssh2's order. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
  "ssh-dss",
];
const KEX: readonly KexAlgorithm[] = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
  "diffie-hellman-group14-sha1",
  "diffie-hellman-group-exchange-sha1",
  "diffie-hellman-group1-sha1",
];
/** Without chacha20: ssh2's does not work for a connection inside of another. */
const CIPHERS: readonly CipherAlgorithm[] = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
  "aes128-cbc",
  "aes192-cbc",
  "aes256-cbc",
  "3des-cbc",
];
const MACS: readonly MacAlgorithm[] = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha1-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
  "hmac-sha1",
  "hmac-md5",
];
/** What a host may show where the configuration does not say. */
const DEFAULT_HOST_KEYS = HOST_KEYS.slice(0, 6);

/** Algorithms that a configuration allows, in its order of preference; empty: it does not say. */
export interface AllowedAlgorithms {
  readonly hostKeys: readonly string[];
  readonly kex: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}
export type SshAlgorithms = Required<Pick<Algorithms, "kex" | "cipher" | "hmac">> & {
  readonly serverHostKey: readonly ServerHostKeyAlgorithm[];
};

/** What ssh2 can do of what is allowed; or the option that leaves it nothing. */
export function ssh2Algorithms(allowed: AllowedAlgorithms): SshAlgorithms | { readonly lacks: string } {
  const serverHostKey = inOrderOf(allowed.hostKeys, both(allowed.hostKeys, HOST_KEYS, DEFAULT_HOST_KEYS));
  const kex = both(allowed.kex, KEX, KEX.slice(0, 9));
  const cipher = both(allowed.ciphers, CIPHERS, CIPHERS.slice(0, 5));
  const hmac = both(allowed.macs, MACS, MACS.slice(0, 6));
  if (serverHostKey.length === 0) return { lacks: "HostKeyAlgorithms" };
  if (kex.length === 0) return { lacks: "KexAlgorithms" };
  if (cipher.length === 0) return { lacks: "Ciphers" };
  if (hmac.length === 0) return { lacks: "MACs" };
  return { serverHostKey, kex, cipher, hmac };
}

/** In ssh2's order: its ciphers differ in speed. */
function both<T extends string>(allowed: readonly string[], known: readonly T[], unsaid: readonly T[]): T[] {
  return allowed.length === 0 ? [...unsaid] : known.filter((algorithm) => allowed.includes(algorithm));
}

function inOrderOf<T extends string>(order: readonly string[], names: readonly T[]): T[] {
  return names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
}
