import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { contentKey } from "../support/stable.ts";

/** What a place says about itself at one moment. What cannot be read, or cannot be, is absent, never guessed. */
export interface BoardState {
  /** As the firmware names it, for example "Raspberry Pi 4 Model B Rev 1.4". */
  readonly model?: string;
  /** Tells this machine from others, whatever it is called: a hash of its serial number, its installation's, or its host key. */
  readonly id?: string;
  /** `uname -r`. */
  readonly kernel?: string;
  /** `uname -m`. */
  readonly machine?: string;
  /** Cores in use. */
  readonly cores?: number;
  /** What is known of each of them. */
  readonly coreStates: readonly CoreState[];
  readonly zones: readonly HeatZone[];
  /** What the firmware of a Raspberry Pi says of too little power and of heat. */
  readonly throttling?: Throttling;
  /** Average number of runnable processes in the last minute. */
  readonly load?: number;
}
export interface CoreState {
  readonly core: number;
  readonly governor?: string;
  readonly frequencyMHz?: number;
  /** The greatest that is allowed, by a power mode for instance, and that there is. */
  readonly limitMHz?: number;
  readonly maxFrequencyMHz?: number;
  /** Its speed beside the fastest one's, which has 1024. */
  readonly capacity?: number;
}
export interface HeatZone {
  readonly name: string;
  readonly temperatureC: number;
}
/** Bits of `vcgencmd get_throttled`: too little power, clock capped, throttled, too hot. */
export interface Throttling {
  /** Bits that hold now. */
  readonly now: number;
  /** Bits that have held since the board was started. */
  readonly since: number;
}

/** The shell script that prints a state; it needs nothing but sh and tr. */
export function stateScript(): string {
  return readFileSync(join(PACKAGE_ROOT, "templates/board/state.sh"), "utf8");
}

/**
 * Reads what `stateScript` printed: lines `key value`. Unknown keys and values that cannot be are left out.
 * @param hostKey tells the machine from others where it has no number of its own
 */
export function parseBoardState(text: string, hostKey?: string): BoardState {
  const lines = text.split("\n").flatMap(keyAndValue);
  const values = new Map(lines);
  const of = <K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } =>
    (value === undefined ? {} : { [key]: value }) as { readonly [k in K]?: V };
  const id = [values.get("serial"), values.get("machine_id"), hostKey].find((text) =>
    /[^0]/.test(text ?? "0"),
  );
  return {
    ...of("model", values.get("model")),
    ...of("id", id === undefined ? undefined : contentKey(id).slice(0, 16)),
    ...of("kernel", values.get("kernel")),
    ...of("machine", values.get("machine")),
    ...of("cores", within(values.get("cores"), 1, 4096)),
    coreStates: coreStates(lines),
    zones: lines.flatMap(([key, value]) => (key === "zone" ? heatZone(value) : [])),
    ...of("throttling", throttling(values.get("throttled"))),
    ...of("load", within(values.get("load")?.split(" ")[0], 0, 1e6)),
  };
}

function keyAndValue(line: string): [string, string][] {
  const space = line.indexOf(" ");
  const value = line
    .slice(space + 1)
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
  return space > 0 && value !== "" ? [[line.slice(0, space), value.slice(0, 120)]] : [];
}

/** Lines `core N KEY VALUE`. */
function coreStates(lines: readonly (readonly [string, string])[]): CoreState[] {
  const cores = new Map<number, Map<string, string>>();
  for (const [key, value] of lines) {
    const [, core, name, text] = /^(\d{1,3}) (\w+) (.+)$/.exec(key === "core" ? value : "") ?? [];
    if (core === undefined) continue;
    const known = cores.get(Number(core)) ?? new Map<string, string>();
    cores.set(Number(core), known.set(name, text));
  }
  return [...cores].map(([core, values]) => {
    const governor = values.get("governor");
    const capacity = within(values.get("capacity"), 1, 1024);
    return {
      core,
      ...(governor !== undefined && { governor }),
      ...megahertz("frequencyMHz", values.get("frequency")),
      ...megahertz("limitMHz", values.get("limit")),
      ...megahertz("maxFrequencyMHz", values.get("max_frequency")),
      ...(capacity !== undefined && { capacity }),
    };
  });
}

/** Of kHz; no clock of 0 or of 10 GHz is believed. */
function megahertz<K extends string>(key: K, text: string | undefined): { readonly [k in K]?: number } {
  const kHz = within(text, 1000, 1e7);
  return (kHz === undefined ? {} : { [key]: Math.round(kHz / 1000) }) as { readonly [k in K]?: number };
}

/** A sensor that is not there tells absolute zero, or some other number that no board has worked at. */
function heatZone(text: string): HeatZone[] {
  const [name = "", value] = text.split(" ");
  const degrees = within(value, -40_000, 150_000);
  return degrees === undefined || degrees === 0 ? [] : [{ name, temperatureC: degrees / 1000 }];
}

function within(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^-?\d{1,12}(\.\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}

/** The Raspberry Pi firmware's word: bits 0 to 3 say what holds now, bits 16 to 19 what has been. */
function throttling(text: string | undefined): Throttling | undefined {
  const hex = text?.replace(/^throttled=/, "").replace(/^0x/, "");
  if (hex === undefined || !/^[0-9a-f]{1,8}$/i.test(hex)) return undefined;
  const word = Number.parseInt(hex, 16);
  return { now: word & 0xf, since: (word >>> 16) & 0xf };
}
