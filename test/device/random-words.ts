const WORDS = [
  ...[
    "model",
    "compatible",
    "machine",
    "cpu",
    "memory",
    "free",
    "disk",
    "exec",
    "sensor",
    "core 0 frequency",
    "zone x",
  ],
  ...[
    "throttled",
    "load",
    "governor",
    "power\tx",
    "rail\tx",
    "energy\tx",
    "kernel",
    "cores",
    "max_frequency",
    "temperature",
  ],
];
const HOSTILE = [
  ...[
    "$(touch /tmp/pwned)",
    "`id`",
    "x;touch y;#",
    "' || id '",
    "../../etc/passwd",
    "\u001b[2J",
    "\u001b]0;title\u0007",
  ],
  ...[
    "\u202egnp.exe",
    "\u200b\u2066",
    "\0",
    "\r",
    "-273150",
    "99999999999999999999999",
    "NaN",
    "1e999",
    "0x",
    "{",
    "[[[[[[",
  ],
  ...[
    '{"kind":"run","ns":-1}',
    '{"kind":"run","ns":1e999}',
    '{"kind":"program","protocol":99}',
    '{"__proto__":{"a":1}}',
    "x".repeat(5000),
  ],
];
const OUTCOMES = [
  "exit 0",
  "exit 139",
  "exit 99999999999",
  "timeout",
  "damaged!",
  "locked 5 eve",
  "locked -1 \u001b[31meve",
  "no lock",
  "no folder",
];

const KEPT_KEYS = ["folder", "sums", "upload", "run", "file", "old", "lock", "stale", "disk", "refused"];
/** What a shell would carry out in a folder of its own, if it ever came to read it as a command. */
const ESCAPES = [
  "$(touch pwned)",
  "`touch pwned`",
  ";touch pwned;#",
  "'; touch pwned; '",
  '"; touch pwned; "',
  "\ntouch pwned\n",
];
const NAMES = [
  "0123456789abcdef".repeat(4),
  `.new-7-${"0".repeat(16)}-01234567-77-${"0".repeat(16)}`,
  `01234567-77-${"0".repeat(16)}`,
];

export interface RandomWords {
  /** From 0 to below `below`. */
  int(below: number): number;
  /** What a board might say that lies, or does not know better. */
  lines(): string;
  outcome(): string;
  /** What a board might say of what it keeps, which is handed back to its shell. */
  kept(): string;
}

/** The same words again for the same seed. */
export function makeRng(seed: number): RandomWords {
  let state = seed >>> 0 || 1;
  const int = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const one = (among: readonly string[]): string => among[int(among.length)] ?? "";
  const noise = (): string => String.fromCharCode(...Array.from({ length: int(40) }, () => int(0x3000)));
  const line = (): string => `${one(WORDS)} ${int(3) === 0 ? noise() : one(HOSTILE)}`;
  const kept = (): string => {
    const name = `${one(NAMES)}${int(2) === 0 ? "" : one(ESCAPES)}`;
    return `${one(KEPT_KEYS)} ${one(["", "12 ", "runs/", "/home/pi/"])}${name}`;
  };
  return {
    int,
    kept: () => [`folder /home/${one(ESCAPES)}/x`, ...Array.from({ length: int(20) }, kept)].join("\n"),
    lines: () => Array.from({ length: int(30) }, line).join("\n") + (int(2) === 0 ? "\n" : ""),
    outcome: () => (int(3) === 0 ? noise() : one(OUTCOMES)),
  };
}
