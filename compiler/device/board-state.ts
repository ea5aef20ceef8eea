import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../support/paths.ts";

/** What a place says about itself at one moment. What cannot be read is absent, never guessed. */
export interface BoardState {
  /** As the firmware names it, for example "Raspberry Pi 4 Model B Rev 1.4". */
  readonly model?: string;
  /** `uname -r`. */
  readonly kernel?: string;
  /** `uname -m`. */
  readonly machine?: string;
  /** Cores in use. */
  readonly cores?: number;
  readonly governor?: string;
  /** Of the first core, in MHz. */
  readonly frequencyMHz?: number;
  readonly maxFrequencyMHz?: number;
  readonly temperatureC?: number;
  /** Whether the firmware holds the clock back now (undervoltage, heat). */
  readonly throttled?: boolean;
  /** Average number of runnable processes in the last minute. */
  readonly load?: number;
}

/** The shell script that prints a state; it needs nothing but sh and cat. */
export function stateScript(): string {
  return readFileSync(join(PACKAGE_ROOT, "templates/board/state.sh"), "utf8");
}

/** Reads what `stateScript` printed: lines `key value`. Unknown keys and unreadable values are left out. */
export function parseBoardState(text: string): BoardState {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const value = line
      .slice(space + 1)
      .replace(/\p{Cc}/gu, "")
      .trim();
    if (space > 0 && value !== "") values.set(line.slice(0, space), value.slice(0, 120));
  }
  const cores = number(values.get("cores"));
  const frequency = number(values.get("frequency"));
  const maxFrequency = number(values.get("max_frequency"));
  const temperature = number(values.get("temperature"));
  const load = number(values.get("load")?.split(" ")[0]);
  const throttled = throttledNow(values.get("throttled"));
  const model = values.get("model");
  const kernel = values.get("kernel");
  const machine = values.get("machine");
  const governor = values.get("governor");
  return {
    ...(model !== undefined && { model }),
    ...(kernel !== undefined && { kernel }),
    ...(machine !== undefined && { machine }),
    ...(cores !== undefined && { cores }),
    ...(governor !== undefined && { governor }),
    ...(frequency !== undefined && { frequencyMHz: Math.round(frequency / 1000) }),
    ...(maxFrequency !== undefined && { maxFrequencyMHz: Math.round(maxFrequency / 1000) }),
    ...(temperature !== undefined && { temperatureC: temperature / 1000 }),
    ...(throttled !== undefined && { throttled }),
    ...(load !== undefined && { load }),
  };
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  return Number(text);
}

/** The Raspberry Pi firmware's word: bits 0 to 3 say what holds now, bits 16 and up what has been. */
function throttledNow(text: string | undefined): boolean | undefined {
  const hex = text?.replace(/^throttled=/, "").replace(/^0x/, "");
  if (hex === undefined || !/^[0-9a-f]+$/i.test(hex)) return undefined;
  return (Number.parseInt(hex, 16) & 0xf) !== 0;
}
