import { ts } from "ts-morph";
import { describe, expect, it } from "vitest";
import { linesOf, loadSources, nodesOf, pathOf, textFiles } from "./sources.ts";

const CODE = /^[FKSLBDCR]\d{3}$/;
const files = loadSources();

interface Use {
  readonly code: string;
  readonly place: string;
}

/** Codes given to a diagnostic: as its field, in a table of codes, or handed to what makes it. */
const given: readonly Use[] = files.flatMap((file) =>
  nodesOf(file, ts.isStringLiteral)
    .filter((literal) => CODE.test(literal.text) && gives(literal))
    .map((literal) => ({
      code: literal.text,
      place: `compiler/${pathOf(file)}:${linesOf(file, literal).first}`,
    })),
);
/** Neither `=== "R114"` nor the type `"R114"` makes a diagnostic. */
function gives({ parent }: ts.Node): boolean {
  return !ts.isBinaryExpression(parent) && !ts.isLiteralTypeNode(parent);
}

const codes = [...new Set(given.map(({ code }) => code))].sort();

/** Tests, what they compare with, and nothing else: a code named in prose is not a test of it. */
const tests = textFiles("test", (name) => /\.(ts|snap|txt)$/.test(name))
  .map(([, text]) => text)
  .join("\n");

describe("codes of diagnostics", () => {
  it("are there in every area", () => {
    expect([...new Set(codes.map(([area]) => area))].sort()).toEqual([..."BCDFKLRS"]);
  });

  it("stand for one thing each: made in one place", () => {
    const shared = codes
      .map((code) => given.filter((use) => use.code === code))
      .filter((uses) => uses.length > 1)
      .map((uses) => `${uses[0]?.code} in ${uses.map(({ place }) => place).join(" and ")}`);
    expect(shared).toEqual([]);
  });

  it("each occur in a test with their message", () => {
    expect(codes.filter((code) => !tests.includes(`error[${code}]: `))).toEqual([]);
  });

  it("are there when a comment promises them", () => {
    const promised = files.flatMap((file) =>
      [...file.getFullText().matchAll(/\b[FKSLBDCR][1-9]\d{2}\b/g)]
        .filter(([code]) => !codes.includes(code))
        .map(([code]) => `${code} in compiler/${pathOf(file)}`),
    );
    expect(promised).toEqual([]);
  });
});
