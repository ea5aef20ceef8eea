import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { z } from "zod";
import { defined } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { didYouMean } from "../support/text.ts";
import { hasFeature } from "./cpu-features.ts";
import { featuresOf } from "./isa-rows.ts";
import { isLlvmTarget, parseLlvmTarget } from "./llvm-target.ts";
import {
  type Board,
  boardSchema,
  type Core,
  coreSchema,
  type Feature,
  type Isa,
  isaSchema,
  type Target,
} from "./target.schema.ts";

const FOLDER = join(PACKAGE_ROOT, "targets");

/**
 * A target by board name, by the file of a board of one's own (`./my-board.json`), or in LLVM's
 * style (`-mcpu=cortex-a72`). Throws C101 (unknown target) and C102 (wrong file).
 */
export function loadTarget(name: string): Target {
  const board = loadBoard(name);
  const [isa, ...narrower] = isaNames(board).map(loadIsa);
  if (board.run === "qemu" && isa.emulation === undefined)
    throw invalid(name, `run: ${isa.name} names no emulator`);
  const core = loadCore(board.core);
  return { name: board.name, board, isa, narrower, core, ...halvesOf(isa, featuresOf({ core, board })) };
}

/** An instruction set's vectors of f16, for a core that computes with them. */
function halvesOf(isa: Isa, features: readonly Feature[]): Pick<Target, "halves"> {
  return isa.halves !== undefined && features.includes("fp16") ? { halves: loadIsa(isa.halves) } : {};
}

/** The emulator of a board that has one. */
export function emulatorOf({ isa }: Target): string {
  return defined(isa.emulation, `emulation of ${isa.name}`).program;
}

/** A native board has every instruction set of this machine, the widest first: code for it is for this machine anyway. */
function isaNames({ isa, wider = [] }: Board): string[] {
  const has = wider.filter(({ features }) => features.every(hasFeature));
  // one of a width does: the first fits the processor best
  const lanes = new Map<number, string>();
  for (const name of [...has.map((w) => w.isa), isa]) {
    const width = loadIsa(name).lanes;
    if (!lanes.has(width)) lanes.set(width, name);
  }
  return [...lanes.values()];
}

/** Names of the boards that come with Tilewright, sorted. */
export function listTargets(): string[] {
  return names("");
}

/** Names of the cores described in targets/cores, sorted. */
export function listCores(): string[] {
  return names("cores");
}

/** Names of the instruction sets described in targets/isa, sorted. */
export function listIsas(): string[] {
  return names("isa");
}

/** An instruction set with everything it extends merged in. Throws C102. */
export function loadIsa(name: string): Isa {
  const file = described("isa", name);
  return parse(
    isaSchema,
    merged(file, (base) => described("isa", base)),
    file,
  );
}

/** A core of targets/cores. Throws C102. */
export function loadCore(name: string): Core {
  const file = described("cores", name);
  return parse(coreSchema, readJson(file), file);
}

function loadBoard(name: string): Board {
  if (isLlvmTarget(name)) return parseLlvmTarget(name, loadCoreNamed);
  if (name.endsWith(".json") && existsSync(name)) return parse(boardSchema, merged(name, baseOf(name)), name);
  const known = listTargets();
  if (!known.includes(name)) throw unknownTarget(name, known);
  const file = boardFile(name);
  return parse(boardSchema, merged(file, baseOf(file)), file);
}

function boardFile(name: string): string {
  return join(FOLDER, `${name}.json`);
}

/** The file of a board that another's file extends. */
function baseOf(file: string): (name: string) => string {
  return (name) => {
    if (!listTargets().includes(name)) throw invalid(file, `extends: no board is named \`${name}\``);
    return boardFile(name);
  };
}

/** Of an instruction set's fields those of which each entry is said for itself. */
const BY_NAME = ["ops", "vectorTypes", "helpers"];

/** What a file says, and the rest from the one that it extends, and so on; of operations and the like each for itself. */
function merged(file: string, fileOf: (name: string) => string, before: readonly string[] = []): unknown {
  const own = readJson(file);
  if (!isRecord(own) || typeof own.extends !== "string") return own;
  const { extends: _, ...said } = own;
  const way = [...before, file];
  const next = fileOf(own.extends);
  if (way.includes(next)) {
    const names = [...way, next].map((path) => basename(path, ".json"));
    throw invalid(file, `extends: ${names.join(" -> ")} comes back to itself`);
  }
  const base = merged(next, fileOf, way);
  if (!isRecord(base)) return own;
  const joined = BY_NAME.flatMap((field): [string, unknown][] => {
    const [inherited, added] = [base[field], said[field]];
    return isRecord(inherited) && isRecord(added) ? [[field, { ...inherited, ...added }]] : [];
  });
  const rows =
    Array.isArray(base.rows) && Array.isArray(said.rows) ? { rows: joinedRows(base.rows, said.rows) } : {};
  return { ...base, ...said, ...Object.fromEntries(joined), ...rows };
}

/** Rows of one signature are one operation: the last that is said holds. */
function joinedRows(base: readonly unknown[], own: readonly unknown[]): readonly unknown[] {
  const signature = (row: unknown): string => (isRecord(row) ? [row.op, row.type, row.from].join() : "");
  const said = new Set(own.map(signature));
  return [...base.filter((row) => !said.has(signature(row))), ...own];
}

function loadCoreNamed(name: string): Core {
  if (listCores().includes(name)) return loadCore(name);
  const close = didYouMean(name, listCores());
  throw new UserError({
    code: "C103",
    exit: "unknownTarget",
    title: `no core is named \`${name}\``,
    why: `known cores: ${listCores().join(", ")}`,
    ...(close === undefined ? {} : { help: [`did you mean \`-mcpu=${close}\`?`] }),
  });
}

function described(folder: "isa" | "cores", name: string): string {
  const known = names(folder);
  const file = join(FOLDER, folder, `${name}.json`);
  if (!known.includes(name)) throw invalid(file, `no such file; there are ${known.join(", ")}`);
  return file;
}

function names(folder: string): string[] {
  return readdirSync(join(FOLDER, folder))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error));
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `${issue.path.join(".") || "(whole file)"}: ${issue.message}`,
  );
  throw invalid(file, lines.join("\n"));
}

function invalid(file: string, why: string): UserError {
  const shown = file.startsWith(FOLDER) ? join("targets", file.slice(FOLDER.length)) : file;
  return new UserError({
    code: "C102",
    exit: "unknownTarget",
    title: `\`${shown}\` does not describe a target`,
    why,
    help: ["the fields are described in targets/schema"],
  });
}

function unknownTarget(name: string, known: readonly string[]): UserError {
  const close = didYouMean(name, known);
  return new UserError({
    code: "C101",
    exit: "unknownTarget",
    title: `no target is named \`${name}\``,
    why: `known targets: ${known.join(", ")}`,
    help: [
      ...(close === undefined ? [] : [`did you mean \`${close}\`?`]),
      "`tilewright targets list` describes them; a core works too: --target=-mcpu=cortex-a72",
    ],
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
