import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellCommand, shellQuote } from "../../compiler/device/shell-quote.ts";
import { amount } from "../support/amount.ts";

test("a word is quoted singly", () => {
  expect(shellQuote("a b")).toBe("'a b'");
  expect(shellQuote("")).toBe("''");
  expect(shellQuote("it's")).toBe("'it'\\''s'");
  expect(shellCommand(["rm", "-rf", "$(reboot)"])).toBe("'rm' '-rf' '$(reboot)'");
});

test("a null byte is refused", () => {
  expect(() => shellQuote("a\0b")).toThrow("null byte");
});

test("a shell gives back any words as they were", () => {
  const word = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const command = shellCommand(["printf", "%s\\0", ...words]);
      const output = execFileSync("/bin/sh", ["-c", command]).toString();
      expect(output).toBe(words.map((text) => `${text}\0`).join(""));
    }),
    { numRuns: amount(12, 200) },
  );
});
