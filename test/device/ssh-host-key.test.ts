import { describe, expect, test } from "vitest";
import { parseConfig } from "../../compiler/device/ssh/destination.ts";
import {
  judgeHostKey,
  type KnownKey,
  lookupName,
  parseFound,
  preferredAlgorithms,
} from "../../compiler/device/ssh/host-key.ts";

const at = parseConfig("attic", "hostname Attic\nport 2222\nuser pi\nuserknownhostsfile /known /known2");

const blob = (type: string, body: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
};
const shown = blob("ssh-ed25519", "the key");
const known = (more: Partial<KnownKey> = {}): KnownKey => ({
  marker: "none",
  type: "ssh-ed25519",
  key: shown.toString("base64"),
  file: "/known",
  line: 1,
  withoutPort: false,
  ...more,
});
const other = blob("ssh-ed25519", "another").toString("base64");
const verdict = (...keys: readonly KnownKey[]): string => {
  const judged = judgeHostKey(at, shown, keys);
  return judged.kind === "refused" ? judged.error.diagnostic.code : judged.kind;
};

describe("a host key", () => {
  test("is looked up by lower-case name and port, or by its alias", () => {
    expect(lookupName(at)).toBe("[attic]:2222");
    expect(lookupName({ ...at, port: 22 })).toBe("attic");
    expect(lookupName({ ...at, hostKeyAlias: "Board" })).toBe("board");
  });

  test.each([
    ["no key at all", [], "D111"],
    ["the same key", [known()], "known"],
    ["the same key among others", [known({ key: other }), known()], "known"],
    ["another key", [known({ key: other })], "D112"],
    ["a key of another type", [known({ type: "ssh-rsa", key: other })], "D112"],
    ["the same key, revoked", [known({ marker: "revoked" })], "D113"],
    ["the same key, once good and once revoked", [known(), known({ marker: "revoked" })], "D113"],
    ["another key, revoked", [known({ key: other, marker: "revoked" })], "D111"],
    ["a certificate authority with that key", [known({ marker: "cert-authority" })], "D111"],
    ["the same key under the name without port", [known({ withoutPort: true })], "known"],
    ["another key under the name without port", [known({ key: other, withoutPort: true })], "D111"],
  ] as const)("against %s", (_what, keys, expected) => {
    expect(verdict(...keys)).toBe(expected);
  });

  test("is taken unseen only if there is none and the configuration says accept-new", () => {
    const trusting = { ...at, acceptNew: true };
    expect(judgeHostKey(trusting, shown, []).kind).toBe("accept-new");
    expect(judgeHostKey(trusting, shown, [known({ key: other })]).kind).toBe("refused");
    expect(judgeHostKey(trusting, shown, [known({ marker: "revoked" })]).kind).toBe("refused");
  });

  test("is read from what ssh-keygen finds; an unknown marker revokes", () => {
    const found = [
      "# Host [attic]:2222 found: line 3 ",
      "[attic]:2222,[10.0.0.7]:2222 ssh-ed25519 AAAAone comment words",
      "# Host [attic]:2222 found: line 9 CA",
      "@cert-authority * ssh-rsa AAAAtwo",
      "# Host [attic]:2222 found: line 11 REVOKED",
      "@revoked * ssh-rsa AAAAthree",
      "# Host [attic]:2222 found: line 12",
      "@future * ssh-rsa AAAAfour",
      "",
    ].join("\n");
    expect(parseFound(found, "/known", false).map((k) => [k.marker, k.type, k.key, k.line])).toEqual([
      ["none", "ssh-ed25519", "AAAAone", 3],
      ["cert-authority", "ssh-rsa", "AAAAtwo", 9],
      ["revoked", "ssh-rsa", "AAAAthree", 11],
      ["revoked", "ssh-rsa", "AAAAfour", 12],
    ]);
  });

  test("of a known type is asked for first", () => {
    const all = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"];
    expect(preferredAlgorithms([known({ type: "ssh-rsa" })], all)).toEqual([
      ...["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519", "ecdsa-sha2-nistp256"],
    ]);
    expect(preferredAlgorithms([], all)).toEqual(all);
  });
});
