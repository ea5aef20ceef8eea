import { UserError } from "../../support/diagnostic.ts";
import type { ZooOptions } from "./grouping.ts";

/** "resnet34-g4@64" as network, grouping and input size. */
export function parseZooName(text: string): { readonly network: string; readonly options: ZooOptions } {
  const match = /^(.*?)(?:-([gG])(\d{1,6}))?(?:@(\d{1,5}))?$/.exec(text);
  const [, network = text, letter, count, size] = match ?? [];
  return {
    network,
    options: {
      ...(letter === "g" ? { g: Number(count) } : letter === "G" ? { G: Number(count) } : {}),
      ...(size === undefined ? {} : { inputSize: Number(size) }),
    },
  };
}

/** The input size from `--input-shape input:1,3,S,S`; F205 for any other shape: zoo networks are built for square images. */
export function zooInputSize(
  network: string,
  shapes: Readonly<Record<string, readonly number[]>>,
): number | undefined {
  const entries = Object.entries(shapes);
  if (entries.length === 0) return undefined;
  const [name, [n, c, h, w, ...rest] = []] = entries[0] ?? [];
  if (entries.length === 1 && name === "input" && n === 1 && c === 3 && h === w && rest.length === 0)
    return h;
  const given = entries.map(([key, shape]) => `${key}:${shape.join(",")}`).join(" ");
  throw new UserError({
    code: "F205",
    exit: "usage",
    title: `zoo network \`${network}\` cannot be built for \`--input-shape ${given}\``,
    why: "its one input `input` has shape 1x3xSxS",
    help: ["for example --input-shape input:1,3,64,64"],
  });
}
