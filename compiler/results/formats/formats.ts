import type { FormatName } from "../format-names.ts";
import type { Results } from "../results.schema.ts";
import { bencher } from "./bencher.ts";
import { csv } from "./csv.ts";
import { googleBenchmark } from "./google-benchmark.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";

/** Writes results as another tool reads them: the whole text of a file. */
export type WriteFormat = (results: Results) => string;

/** What `export --format` takes, by name. */
export const FORMATS = {
  junit,
  markdown,
  "google-benchmark": googleBenchmark,
  bencher,
  csv,
} as const satisfies Readonly<Record<FormatName, WriteFormat>>;
