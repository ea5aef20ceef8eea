import { basename, dirname, resolve } from "node:path";
import type { z } from "zod";
import { UserError } from "../../support/diagnostic.ts";
import { readTextFile } from "../../support/read-text-file.ts";
import { didYouMean, visible } from "../../support/text.ts";
import { type LayerSizes, layersSchema, type Suite, suiteSchema } from "./suite.schema.ts";

/** A suite as its file says it. */
export interface ReadSuite {
  readonly name: string;
  /** Folder that its paths are relative to. */
  readonly folder: string;
  readonly suite: Suite;
}

const MOST_BYTES = 2 ** 24;

/** Whether a word names a suite, and no model. */
export function isSuite(path: string): boolean {
  return /\.(ya?ml|json)$/i.test(path);
}

/** Reads a suite of YAML or JSON. Throws C361 for what cannot be read, C362 for what is no suite. */
export async function readSuite(path: string): Promise<ReadSuite> {
  const suite = checked(path, suiteSchema, await parsedFile(path));
  const name = suite.name ?? basename(path).replace(/\.\w+$/, "");
  return { name, folder: resolve(dirname(path)), suite };
}

/** Reads a table of layers. Throws C361 and C362. */
export async function readLayers(path: string): Promise<readonly LayerSizes[]> {
  return checked(path, layersSchema, await parsedFile(path));
}

async function parsedFile(path: string): Promise<unknown> {
  const { parse } = await import("yaml");
  let text: string;
  try {
    text = await readTextFile(path, MOST_BYTES);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    // JSON is YAML; of aliases that name aliases no more than a few are followed
    return parse(text, { maxAliasCount: 100, merge: true, logLevel: "error" });
  } catch (error) {
    throw noSuite(
      path,
      visible(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)),
    );
  }
}

function checked<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw noSuite(path, issueText(parsed.error.issues[0]));
}

type Issue = z.core.$ZodIssue;

/** Of a case that is none of the kinds there are: a word that no kind has, else what is wrong with the kind it is most like. */
function issueText(issue: Issue): string {
  const place = issue.path.map(String).join(".") || "the file";
  if (issue.code === "invalid_union") {
    const unknown = issue.errors.map(unknownKeys);
    const [common] = (unknown[0] ?? []).filter((key) => unknown.every((keys) => keys.includes(key)));
    if (common !== undefined) return unknownText(place, common);
    const [nearest] = [...issue.errors].sort((a, b) => unknownKeys(a).length - unknownKeys(b).length);
    const [inner] = nearest ?? [];
    if (inner !== undefined) return issueText({ ...inner, path: [...issue.path, ...inner.path] } as Issue);
  }
  if (issue.code === "unrecognized_keys") return unknownText(place, issue.keys[0] ?? "");
  return `${place}: ${issue.message}`;
}

function unknownKeys(issues: readonly Issue[]): readonly string[] {
  return issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
}

function unknownText(place: string, key: string): string {
  const close = didYouMean(key, [...CASE_KEYS, ...Object.keys(suiteSchema.shape)]);
  return `${place}: there is no \`${visible(key)}\`${close === undefined ? "" : `; did you mean \`${close}\`?`}`;
}

const CASE_KEYS = [
  "model",
  "layer",
  "layers",
  "kernel",
  "kernelFunction",
  "schedule",
  "scheduleFunction",
  "inputShape",
  "inputValue",
  "frames",
  "topK",
  "sizes",
  "set",
];

function unreadable(path: string, error: unknown): UserError {
  const why = error instanceof Error ? error.message : String(error);
  return new UserError(
    { code: "C361", exit: "usage", title: `the suite \`${visible(path)}\` cannot be read`, why },
    { cause: error },
  );
}

function noSuite(path: string, why: string): UserError {
  return new UserError({
    code: "C362",
    exit: "usage",
    title: `\`${visible(path)}\` is no suite of tests`,
    why,
    help: ["`tilewright test --schema` prints what a suite may hold, for editors too"],
  });
}
