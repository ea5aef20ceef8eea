import { execa } from "execa";
import type { PrintedOptions } from "./options.ts";

/** What a configuration asks for that ssh2 cannot do, in words; the program `ssh` can. */
export function namedNeeds(options: PrintedOptions): readonly string[] {
  const { one } = options;
  const yes = (key: string): boolean => ["yes", "true", "ask"].includes(one(key) ?? "");
  return [
    ...(one("certificatefile") === undefined ? [] : ["a certificate (CertificateFile)"]),
    ...(one("pkcs11provider") === undefined ? [] : ["keys of a token (PKCS11Provider)"]),
    ...(one("knownhostscommand") === undefined ? [] : ["host keys by a command (KnownHostsCommand)"]),
    ...(yes("verifyhostkeydns") ? ["host keys by DNS (VerifyHostKeyDNS)"] : []),
    ...(yes("proxyusefdpass") ? ["a ProxyCommand that hands over its connection (ProxyUseFdpass)"] : []),
    ...(one("bindaddress") === undefined && one("bindinterface") === undefined
      ? []
      : ["an address of this machine's (BindAddress)"]),
  ];
}

/** Ways to log in without a key that a configuration allows, as servers name them. */
export function keylessLogins({ one }: PrintedOptions): readonly string[] {
  const allowed = (key: string, name: string): readonly string[] => (one(key) === "yes" ? [name] : []);
  return [
    ...allowed("gssapiauthentication", "gssapi-with-mic"),
    ...allowed("hostbasedauthentication", "hostbased"),
  ];
}

/** Whether a connection of the user's to the same place stands, through which new ones go (ControlMaster). */
export async function hasKeptConnection(words: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa("ssh", ["-O", "check", ...words], {
    ...{ reject: false, stdin: "ignore", timeout: 5000 },
  });
  return exitCode === 0;
}
