import { describe, expect, it } from "vitest";
import { DOORS, FLOORS, HEAVY, PURE } from "./rules.ts";
import { folderOf, type Import, importsOf, loadSources, pathOf } from "./sources.ts";

const files = loadSources();
const imports = files.flatMap(importsOf);
const floorOf = (path: string): number => FLOORS.findIndex((floor) => floor.includes(folderOf(path)));
const say = (i: Import, rule: string): string =>
  `compiler/${i.from}:${i.line} imports ${i.own ? `compiler/${i.to}` : i.to}: ${rule}`;

describe("floors", () => {
  it("every folder of compiler/ has its floor", () => {
    expect(files.map(pathOf).filter((path) => floorOf(path) === -1)).toEqual([]);
  });

  it("imports go down, and never to a neighbour on the same floor", () => {
    const wrong = imports
      .filter((i) => i.own && folderOf(i.from) !== folderOf(i.to) && floorOf(i.to) >= floorOf(i.from))
      .map((i) =>
        say(
          i,
          `${folderOf(i.from)} is on floor ${floorOf(i.from)}, ${folderOf(i.to)} on floor ${floorOf(i.to)}`,
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("imports name files that are there, with their ending", () => {
    const known = new Set(files.map(pathOf));
    expect(imports.filter((i) => i.own && !known.has(i.to)).map((i) => say(i, "no such file"))).toEqual([]);
  });

  it("no file reaches itself through values", () => {
    expect(cycles(imports.filter((i) => i.own && !i.lazy))).toEqual([]);
  });
});

describe("doors", () => {
  it("each outside package is imported only where it belongs", () => {
    const wrong = imports
      .filter((i) => !i.own && !i.to.startsWith("node:"))
      .filter((i) => !(DOORS[i.to] ?? []).some((door) => i.from.startsWith(door)))
      .map((i) =>
        say(
          i,
          i.to in DOORS ? `its door is ${DOORS[i.to]?.join(", ")}` : "this package has no door in rules.ts",
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("pure folders touch neither files nor processes", () => {
    const allowed = ["node:path", "node:url"];
    const wrong = imports
      .filter((i) => i.to.startsWith("node:") && PURE.includes(folderOf(i.from)) && !allowed.includes(i.to))
      .map((i) => say(i, `${folderOf(i.from)} holds pure values`));
    expect(wrong).toEqual([]);
  });

  it("the command line's main file loads no heavy package before a command needs it", () => {
    const eager = imports.filter((i) => !i.typeOnly && !i.lazy);
    const seen = new Set(["cli/main.ts"]);
    for (const file of seen) for (const i of eager) if (i.from === file && i.own) seen.add(i.to);
    const wrong = eager
      .filter((i) => seen.has(i.from) && HEAVY.includes(i.to))
      .map((i) => say(i, "load it with import()"));
    expect(wrong).toEqual([]);
  });
});

/** Each cycle once, as "a -> b -> a". */
function cycles(edges: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (path.includes(file) || done.has(file)) return;
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}
