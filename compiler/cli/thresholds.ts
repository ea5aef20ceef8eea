import type { Thresholds } from "../results/gate/judge.ts";
import { badValue } from "./usage-errors.ts";

const WANTED = "KIND=PERCENT with commas between, such as instructions=0.1%,cycles=0.5%,codeBytes=1%";

/** Thresholds of `--threshold` over the default ones, as parts: 0.001 for 0.1%. Throws C205. */
export function thresholdsOf(
  text: string | undefined,
  kinds: readonly (keyof Thresholds)[],
  defaults: Thresholds,
): Thresholds {
  if (text === undefined) return defaults;
  const given = text.split(",").map((word) => {
    const [, name, percent] = /^(\w+)=(\d+(?:\.\d+)?)%$/.exec(word.trim()) ?? [];
    const kind = kinds.find((known) => known === name);
    if (kind === undefined) {
      throw badValue("threshold", text, `${WANTED}; kinds: ${kinds.join(", ")}`);
    }
    return [kind, Number(percent) / 100] as const;
  });
  return { ...defaults, ...Object.fromEntries(given) };
}
