import { plainText } from "./plain-text.ts";

/** A kind of core and how many of it a board has. */
export interface CoreId {
  /** CPU implementer and part as /proc/cpuinfo has them, `0x41:0xd08`. */
  readonly midr: string;
  readonly count: number;
}

/** What kind of machine a board is, from its own words. What it does not say is absent or empty, never guessed. */
export interface BoardFacts {
  readonly model?: string;
  /** Of the device tree, the most particular first. */
  readonly compatible: readonly string[];
  /** `uname -m`. */
  readonly machine?: string;
  readonly cores: readonly CoreId[];
  /** That every core has, as Linux names them. */
  readonly features: readonly string[];
  readonly memoryMiB?: number;
  readonly freeMiB?: number;
  /** Chips that tell power. */
  readonly sensors: readonly string[];
  readonly diskFreeMiB?: number;
  /** Whether files in the folder of copies may be executed. */
  readonly executes?: boolean;
}

const MOST = 256;

/** Reads what templates/board/probe.sh printed: lines `key value`. Whatever else is there is left out. */
export function parseFacts(text: string): BoardFacts {
  const lines = text.split("\n", 20_000).flatMap((line) => {
    const [, key, value] = /^(\w+) (.{1,2000})/.exec(plainText(line)) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value.trim()] as const];
  });
  const all = (key: string): string[] =>
    lines
      .filter(([name]) => name === key)
      .map(([, value]) => value.slice(0, 2000))
      .slice(0, 8 * MOST);
  const mib = (key: string): number | undefined => {
    const [value] = all(key);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Math.floor(Number(value) / 1024) : undefined;
  };
  const model = all("model")[0]?.slice(0, 120);
  const machine = all("machine")[0]?.slice(0, 40);
  const [executes] = all("exec");
  const optional = { memoryMiB: mib("memory"), freeMiB: mib("free"), diskFreeMiB: mib("disk") };
  return {
    ...(model !== undefined && { model }),
    compatible: all("compatible")
      .filter((name) => /^[\w.,+-]{1,80}$/.test(name))
      .slice(0, 40),
    ...(machine !== undefined && /^[\w.-]+$/.test(machine) && { machine }),
    ...processors(all("cpu")),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    sensors: [...new Set(all("sensor").map((name) => name.slice(0, 60)))].slice(0, 40),
    ...(executes !== undefined && { executes: executes === "yes" }),
  };
}

/** Cores by maker and part, in the order of their numbers, and the features that all of them have. */
function processors(lines: readonly string[]): Pick<BoardFacts, "cores" | "features"> {
  const counts = new Map<string, number>();
  let implementer = "";
  let features: readonly string[] | undefined;
  for (const line of lines) {
    const [, key = "", value = ""] = /^([\w ]+?)\s*:\s*(.*)$/.exec(line) ?? [];
    if (key === "CPU implementer") implementer = value.toLowerCase();
    if (key === "CPU part" && /^0x[0-9a-f]{1,3}$/i.test(value) && /^0x[0-9a-f]{1,2}$/.test(implementer)) {
      const midr = `${implementer}:${value.toLowerCase()}`;
      counts.set(midr, (counts.get(midr) ?? 0) + 1);
    }
    if (key === "Features" || key === "flags") {
      const own = value.split(/\s+/).filter((word) => /^\w{1,40}$/.test(word));
      features = features === undefined ? own : features.filter((word) => own.includes(word));
    }
  }
  return { cores: [...counts].map(([midr, count]) => ({ midr, count })), features: features ?? [] };
}
