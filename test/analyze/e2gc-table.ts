import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

export interface PaperRow {
  readonly network: string;
  readonly module: string;
  readonly g?: number;
  readonly G?: number;
  readonly params_millions: number;
  readonly macs_millions: number;
  readonly energy_per_frame_mJ: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
export const E2GC_FILE = join(PACKAGE_ROOT, "test/bench/e2gc.json");
export const E2GC_ROWS: readonly PaperRow[] = (
  JSON.parse(readFileSync(E2GC_FILE, "utf8")) as { readonly rows: readonly PaperRow[] }
).rows;
