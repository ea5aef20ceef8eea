import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { compiledRequire } from "../../compiler/support/compiled-require.ts";

const root = mkdtempSync(join(tmpdir(), "tw-require-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const from = pathToFileURL(join(root, "asking.js")).href;
const main = join(root, "node_modules/big/index.js");
const cache = join(root, "cache");

function write(answer: number): void {
  const padding = `// ${"x".repeat(120_000)}\n`;
  mkdirSync(dirname(main), { recursive: true });
  writeFileSync(
    main,
    `"use strict";\n${padding}exports.answer = () => ${answer};\nexports.at = [__filename, __dirname];\nexports.small = require("./small.js");\n`,
  );
  writeFileSync(join(root, "node_modules/big/small.js"), "module.exports = 1;\n");
}

/** Loads the package as a new process would. */
async function load(folder = cache) {
  const require = createRequire(from);
  for (const file of Object.keys(require.cache)) if (file.startsWith(root)) delete require.cache[file];
  const before = require.extensions[".js"];
  const loaded = compiledRequire("big", from, folder) as { answer(): number; at: string[] };
  expect(require.extensions[".js"]).toBe(before);
  const answer = loaded.answer();
  await turn();
  await turn();
  return { answer, at: loaded.at };
}

const entries = () => (existsSync(join(cache, "code")) ? readdirSync(join(cache, "code")) : []);

test("a large file is kept as compiled, used the next time, and made anew when damaged or changed", async () => {
  write(42);
  expect(await load()).toEqual({ answer: 42, at: [main, dirname(main)] });
  expect(entries()).toHaveLength(1);
  const entry = join(cache, "code", entries()[0]);
  const whole = readFileSync(entry);

  utimesSync(entry, 1, 1);
  expect((await load()).answer).toBe(42);
  expect(readFileSync(entry).equals(whole)).toBe(true);
  expect(statSync(entry).mtimeMs).toBeGreaterThan(1000);

  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1] ^= 1;
  for (const damage of [Buffer.alloc(0), whole.subarray(0, 50), flipped]) {
    writeFileSync(entry, damage);
    expect((await load()).answer).toBe(42);
    expect(readFileSync(entry).length).toBe(whole.length);
  }

  write(43);
  expect((await load()).answer).toBe(43);
  expect(entries()).toHaveLength(2);
});

test("a cache that cannot be written does no harm", async () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  expect((await load(file)).answer).toBe(43);
  expect((await load(join(file, "below"))).answer).toBe(43);
});

test("a package that is not there is an error as ever", () => {
  expect(() => compiledRequire("not-there", from, cache)).toThrow("Cannot find module 'not-there'");
});
