import type { Reading } from "../driver/read-network.ts";
import type { LoadOptions } from "../frontend/load-model.ts";
import { FRAMES, type FrameValues, frameOptions } from "./frame-options.ts";
import { wholeNumber } from "./numbers.ts";

/** What a model leaves open of its inputs, for every command that reads one. */
export const INPUTS = {
  "input-shape": {
    type: "string",
    array: true,
    describe: "shape of an input the file leaves open, as NAME:N,C,H,W",
  },
  "input-value": {
    type: "string",
    array: true,
    describe: "what an input always is, as NAME=NUMBER or NAME=NUMBER,NUMBER: it is compiled in",
  },
} as const;

/** How a network is read, for every command that compiles one. */
export const READING = { ...INPUTS, ...FRAMES } as const;

/** Values of INPUTS. */
export interface InputValues {
  readonly "input-shape"?: readonly string[] | undefined;
  readonly "input-value"?: readonly string[] | undefined;
}

/** Values of READING. */
export interface ReadingValues extends InputValues, FrameValues {
  readonly "top-k"?: number | undefined;
  readonly labels?: string | undefined;
}

/** How values of READING are typed again, for another command that reads the same model. */
export function readingWords(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(READING).flatMap(([name, { type }]): string[] => {
    const value = values[name];
    if (value === undefined || value === false) return [];
    if (type === "boolean") return [`--${name}`];
    return (Array.isArray(value) ? value : [value]).flatMap((each) => [`--${name}`, String(each)]);
  });
}

/** What they ask for. Throws C205. */
export function readingOf(values: ReadingValues): Reading {
  const { "input-shape": inputShapes = [], "input-value": inputValues, "top-k": wanted, labels } = values;
  const topK = wanted === undefined ? undefined : wholeNumber("top-k", wanted, 1, 1);
  return { inputShapes, inputValues, frames: frameOptions(values), topK, labels };
}

/** What INPUTS ask for. Throws F codes. */
export async function loadOptionsOf(values: InputValues): Promise<LoadOptions> {
  const { parseInputShapes, parseInputValues } = await import("../frontend/load-model.ts");
  const { "input-shape": shapes = [], "input-value": always = [] } = values;
  return { inputShapes: parseInputShapes(shapes), inputValues: parseInputValues(always) };
}
