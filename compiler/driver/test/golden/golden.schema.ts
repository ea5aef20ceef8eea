import { z } from "zod";

/** The file that makes a folder one of golden outputs. */
export const GOLDEN_FILE = "golden.json";

const name = z.string().max(10_000);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "no sha256");

/** Outputs of one case under one set of inputs. Fields of later versions are passed over. */
const entry = z.object({
  /** The case, on no board in particular, and what results call its inputs. */
  case: name,
  inputs: name,
  /** Hash of the model's file and of how it is read, or of a layer's sizes and seed. */
  network: hash,
  /** Hash of what the inputs hold. */
  given: hash,
  /** Beside golden.json: an array for each output, and the hash of its bytes. */
  file: z.string().regex(/^[A-Za-z0-9_][\w.-]{0,199}\.npz$/, "no name of an .npz file"),
  sha256: hash,
  /** Where they were made. */
  board: name,
  target: name,
});

export const goldenSchema = z.object({
  format: z.literal("tilewright-golden"),
  version: z.literal(1),
  /** What made them. */
  tilewright: z.object({ version: name, build: name.optional() }),
  entries: z.array(entry).max(1_000_000),
});
export type Golden = z.infer<typeof goldenSchema>;
export type GoldenEntry = Golden["entries"][number];
/** What outputs are of. */
export type GoldenIdentity = Pick<GoldenEntry, "case" | "inputs" | "network" | "given">;
