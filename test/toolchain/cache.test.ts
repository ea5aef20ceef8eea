import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { defaultCacheDir } from "../../compiler/support/cache-folder.ts";
import { cached, copyOut, prune, store } from "../../compiler/toolchain/cache.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = (letter: string) => letter.repeat(64);

test("an entry is there only when it is whole", async () => {
  expect(await cached(folder, "objects", key("a"))).toBeUndefined();
  const broken = store(folder, "objects", key("a"), async (path) => {
    writeFileSync(path, "half");
    throw new Error("killed");
  });
  await expect(broken).rejects.toThrow("killed");
  expect(await cached(folder, "objects", key("a"))).toBeUndefined();
  const path = await store(folder, "objects", key("a"), async (p) => writeFileSync(p, "whole"));
  expect(await cached(folder, "objects", key("a"))).toBe(path);
  expect(readdirSync(join(folder, "objects/aa")).length).toBe(1);
});

test("a damaged entry is none, and is made again", async () => {
  const make = async (p: string): Promise<void> => writeFileSync(p, "object");
  const path = await store(folder, "objects", key("d"), make);
  for (const damage of ["", "objecT"]) {
    writeFileSync(path, damage);
    expect(await cached(folder, "objects", key("d"))).toBeUndefined();
    expect(await store(folder, "objects", key("d"), make)).toBe(path);
    expect(await cached(folder, "objects", key("d"))).toBe(path);
  }
});

test("a copy may be changed", async () => {
  const path = await store(folder, "programs", key("b"), async (p) => writeFileSync(p, "program"));
  await copyOut(path, join(folder, "out/deep/program"));
  writeFileSync(join(folder, "out/deep/program"), "changed");
  expect(readFileSync(path, "utf8")).toBe("program");
});

test("pruning takes what was unused for longest, never what may be in use", async () => {
  const root = join(folder, "pruned");
  const hoursAgo = { c: 5, d: 3, e: 2, f: 0 };
  for (const [letter, hours] of Object.entries(hoursAgo)) {
    const path = await store(root, "objects", key(letter), async (p) => writeFileSync(p, "x".repeat(100)));
    const when = new Date(Date.now() - hours * 3_600_000);
    utimesSync(path, when, when);
  }
  const left = async () => {
    const names = await Promise.all(
      Object.keys(hoursAgo).map(async (l) => ((await existing(root, l)) ? l : "")),
    );
    return names.join("");
  };
  await prune(root, 250);
  expect(await left()).toBe("ef");
  await prune(root, 0);
  expect(await left()).toBe("f");
});

function existing(root: string, letter: string): Promise<boolean> {
  const name = key(letter);
  const files = readdirSync(join(root, "objects"), { recursive: true, encoding: "utf8" });
  return Promise.resolve(files.some((file) => file.startsWith(`${join(name.slice(0, 2), name.slice(2))}.`)));
}

test("where the cache lies", () => {
  expect(defaultCacheDir({ TILEWRIGHT_CACHE: "/big/disk" })).toBe("/big/disk");
  expect(defaultCacheDir({})).toMatch(/tilewright$/);
});
