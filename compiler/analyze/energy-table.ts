import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UserError } from "../support/diagnostic.ts";
import type { Setting } from "./sweep-record.ts";

type Nested = number | { readonly [key: string]: Nested };
const nested: z.ZodType<Nested> = z.lazy(() =>
  z.union([z.number().positive(), z.record(z.string(), nested)]),
);

/** Only what is needed: a table may have more columns. */
const schema = z.object({
  source: z.string().optional(),
  rows: z
    .array(
      z.object({
        network: z.string(),
        g: z.int().min(1).optional(),
        G: z.int().min(1).optional(),
        energy_per_frame_mJ: nested,
      }),
    )
    .min(1),
});

/** Energies somebody measured: for each setting, millijoules a frame by column ("P100 B16"). */
export interface EnergyTable {
  readonly source: string;
  /** A last word such as B16 says that 16 frames were computed together. */
  readonly columns: readonly { readonly name: string; readonly batch: number }[];
  readonly rows: readonly { readonly setting: Setting; readonly energies: ReadonlyMap<string, number> }[];
}

/**
 * The rows of a table of energies that are about one network: names are compared without case and punctuation, so
 * "MobileNet-V1" is zoo:mobilenet-v1. Throws R133 (no such table), R134 (nothing about this network).
 */
export async function readEnergyTable(path: string, network: string): Promise<EnergyTable> {
  const text = await readFile(path, "utf8").catch((error: Error) =>
    Promise.reject(badTable(path, error.message)),
  );
  const parsed = schema.safeParse(jsonOf(path, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badTable(path, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "something else"}`);
  }
  const { source = path, rows } = parsed.data;
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  const own = rows.filter((row) => plain(row.network) === plain(network));
  if (own.length === 0) {
    throw new UserError({
      code: "R134",
      exit: "badInput",
      title: `\`${path}\` tells nothing about \`${network}\``,
      why: `it has ${[...new Set(rows.map((row) => row.network))].join(", ")}`,
    });
  }
  const read = own.map(({ g, G, energy_per_frame_mJ }) => ({
    setting: { ...(g !== undefined && { g }), ...(G !== undefined && { G }) },
    energies: new Map(flatten(energy_per_frame_mJ, [])),
  }));
  const names = [...new Set(read.flatMap(({ energies }) => [...energies.keys()]))];
  const batch = (name: string): number => Number(/(?:^| )B([1-9]\d{0,4})$/.exec(name)?.[1] ?? 1);
  return { source, columns: names.map((name) => ({ name, batch: batch(name) })), rows: read };
}

function flatten(value: Nested, path: readonly string[]): [string, number][] {
  if (typeof value === "number") return [[path.join(" ") || "energy", value]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badTable(path, error instanceof Error ? error.message : String(error));
  }
}

function badTable(path: string, why: string): UserError {
  return new UserError({
    code: "R133",
    exit: "badInput",
    title: `\`${path}\` is not a table of energies`,
    why,
    help: [
      'wanted is JSON: {"rows": [{"network": "MobileNet-V1", "G": 8, "energy_per_frame_mJ": {"BOARD": 373}}]}',
    ],
  });
}
