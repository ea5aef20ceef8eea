import { didYouMean, someOf } from "../support/text.ts";
import { badValue } from "./usage-errors.ts";

/** Which layers a user means; all when none is named. Throws C205. */
export function layersOf(
  names: readonly string[] | undefined,
  of: readonly { readonly layer: string }[],
): (name: string) => boolean {
  if (names === undefined) return () => true;
  const known = new Set(of.map(({ layer }) => layer));
  const odd = names.find((name) => !known.has(name));
  if (odd === undefined) return (name) => names.includes(name);
  const near = didYouMean(odd, [...known]);
  throw badValue(
    "layer",
    odd,
    near === undefined
      ? `a layer of the network: ${someOf([...known])}`
      : `a layer of the network, as \`${near}\``,
  );
}
