import { runReference } from "../../../dist/verify/reference.js";
import { difference } from "./judge.mjs";

/** Runs tests as their kernels' TypeScript; `[{ outcome, why }]`, outcome "passed", "wrong" or "crashed". */
export async function judgeReference(imported) {
  return imported.map((each) => {
    try {
      const values = runReference(each.graph, each.feeds);
      return verdict(difference(each, (name) => values.get(name)));
    } catch (error) {
      return { outcome: "crashed", why: String(error?.stack ?? error) };
    }
  });
}

export function verdict(why) {
  return why === undefined ? { outcome: "passed" } : { outcome: "wrong", why };
}
