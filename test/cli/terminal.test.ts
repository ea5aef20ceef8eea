import { expect, test } from "vitest";
import { printable } from "../../compiler/cli/terminal.ts";
import { typedWord } from "../../compiler/support/text.ts";

test("names from models cannot move the cursor; colours stay", () => {
  expect(printable("a\x1b[31mb\x1b[0m\tc\nd")).toBe("a\x1b[31mb\x1b[0m\tc\nd");
  expect(printable("a\x1b[2Jb\x1b]0;title\x07c\rd\x9b1m\0")).toBe("a [2Jb ]0;title c d 1m ");
});

test("a word to be typed is quoted where a shell would change it", () => {
  expect(typedWord("zoo:wrn-40-2@64")).toBe("zoo:wrn-40-2@64");
  expect(typedWord("it's; $(x) a.onnx")).toBe("'it'\\''s; $(x) a.onnx'");
  expect(typedWord("")).toBe("''");
});
