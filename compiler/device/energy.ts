import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../support/paths.ts";

/** What a place's energy sensors say at one moment. A place without sensors has an empty list: nothing is guessed. */
export interface EnergyReading {
  readonly sensors: readonly EnergySensor[];
}
export type EnergySensor =
  | { readonly kind: "power"; readonly name: string; readonly watts: number }
  /** Counts up and begins again at `wraps`, when that is known. */
  | { readonly kind: "energy"; readonly name: string; readonly joules: number; readonly wraps?: number };

/** The shell script that prints a reading; it needs nothing but sh, head and tr. */
export function energyScript(): string {
  return readFileSync(join(PACKAGE_ROOT, "templates/board/energy.sh"), "utf8");
}

/** Reads what `energyScript` printed; lines and values that are something else are left out. Names are made unique. */
export function parseEnergy(text: string): EnergyReading {
  const seen = new Map<string, number>();
  const lines = text.split("\n").map((line) => line.split("\t"));
  const sensors = [...lines.flatMap(parseLine), ...pmicRails(lines)];
  return {
    sensors: sensors.map((sensor) => {
      const count = (seen.get(sensor.name) ?? 0) + 1;
      seen.set(sensor.name, count);
      return count === 1 ? sensor : { ...sensor, name: `${sensor.name} (${count})` };
    }),
  };
}

function parseLine([kind, label = "", ...fields]: readonly string[]): EnergySensor[] {
  const name = label
    .replace(/\p{Cc}/gu, "")
    .trim()
    .slice(0, 60);
  const [a, b] = fields.map(number);
  if (kind === "power" && a !== undefined) return [{ kind, name, watts: a / 1e6 }];
  if (kind === "rail" && a !== undefined && b !== undefined)
    return [{ kind: "power", name, watts: (a * b) / 1e6 }];
  if (kind === "energy" && a !== undefined)
    return [{ kind, name, joules: a / 1e6, ...(b !== undefined && b > 0 && { wraps: b / 1e6 }) }];
  return [];
}

/** Of a Raspberry Pi 5's power management chip: rails whose current (NAME_A) and voltage (NAME_V) are told. */
function pmicRails(lines: readonly (readonly string[])[]): EnergySensor[] {
  const values = new Map(
    lines.flatMap(([kind, name = "", value = ""]) => {
      const [, amount] = kind === "pmic" ? (/^(\d{1,6}(?:\.\d+)?)[AV]$/.exec(value) ?? []) : [];
      return amount === undefined || !/^\w{3,40}$/.test(name) ? [] : [[name, Number(amount)] as const];
    }),
  );
  return [...values].flatMap(([name, amps]) => {
    const volts = name.endsWith("_A") ? values.get(`${name.slice(0, -2)}_V`) : undefined;
    return volts === undefined ? [] : [{ kind: "power", name: name.slice(0, -2), watts: amps * volts }];
  });
}

function number(text: string): number | undefined {
  return /^-?\d{1,18}$/.test(text.trim()) ? Number(text) : undefined;
}

/**
 * The sensors that together say what the whole board takes: its input rail if there is one (the other rails are fed by
 * it), else the energy counters of the processor's packages, else every power sensor, which then feed apart from each other.
 */
export function boardSensors({ sensors }: EnergyReading): readonly EnergySensor[] {
  const inputs = sensors.filter(({ kind, name }) => kind === "power" && /(^|_)(VDD|5V)_IN$/i.test(name));
  if (inputs.length > 0) return inputs;
  const counters = sensors.filter(({ kind }) => kind === "energy");
  const packages = counters.filter(({ name }) => name.startsWith("package"));
  if (packages.length > 0) return packages;
  return counters.length > 0 ? counters : sensors;
}
