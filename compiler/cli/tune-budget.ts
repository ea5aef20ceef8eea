import type { Budget } from "../driver/tune/tune-network.ts";
import { SECONDS } from "./numbers.ts";
import { badValue } from "./usage-errors.ts";

/** `--budget` as typed: 10m, 90s, 200 (or "200 trials"), one or several. Throws C205. */
export function readBudget(texts: readonly string[]): Budget {
  let budget: Budget = { trials: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY };
  for (const text of texts.flatMap((word) => word.split(","))) {
    const { n, unit = "" } =
      /^(?<n>\d+(\.\d+)?) ?(?<unit>s|m|min|h|trials)?$/.exec(text.trim())?.groups ?? {};
    const count = Number(n);
    if (n === undefined || !(count > 0))
      throw badValue("budget", text, "a time such as 10m, 90s or 1h, or a number of trials such as 200");
    const seconds = SECONDS[unit];
    budget = seconds === undefined ? { ...budget, trials: count } : { ...budget, seconds: count * seconds };
  }
  return budget;
}
