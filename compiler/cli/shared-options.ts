import { NUMERICS as LEVELS, type Numerics } from "../ops/numerics.ts";

/** Options that several commands have. */
export const TARGET = {
  type: "string",
  requiresArg: true,
  describe: "what to compile for: `tilewright targets list`, a board's JSON file, or -mcpu=CORE",
} as const;
export const BOARD = {
  type: "string",
  required: true,
  describe: "where to run: host, qemu-..., user@host[:port], an alias of ~/.ssh/config, or adb:SERIAL",
} as const;
/** Equal boards that share the work. */
export const BOARDS = {
  type: "string",
  array: true,
  requiresArg: true,
  describe:
    "where to run: host, qemu-..., user@host[:port], an alias of ~/.ssh/config, or a pool; several share the work",
} as const;
export const SSH_CONFIG = {
  type: "string",
  describe: "ssh configuration file instead of ~/.ssh/config",
} as const;
/** How a board over ssh is reached and used, for every command that has one. */
export const BOARD_ACCESS = {
  "ssh-config": SSH_CONFIG,
  "lock-wait": {
    type: "string",
    requiresArg: true,
    describe: "how long to wait while others use the board, as 90s, 10m or 2h (default 60s)",
  },
  "remote-dir": {
    type: "string",
    requiresArg: true,
    describe: "folder on the board for copies and runs (default .cache/tilewright)",
  },
  "remote-limit": {
    type: "string",
    requiresArg: true,
    describe: "most that copies on the board may take, as 500MB (default 1GiB): the oldest go first",
  },
} as const;
export const JOBS = {
  type: "number",
  describe: "C compilers at a time (default: one for each core)",
} as const;
export const THREADS = { type: "number", describe: "threads on the board (default 1)" } as const;
export const TIMEOUT = { type: "number", describe: "seconds a run may take (default 600)" } as const;
export const METER = {
  type: "string",
  requiresArg: true,
  describe: "energy by a CSV file that a power meter logs to meanwhile",
} as const;
export const JSON_OUTPUT = {
  type: "boolean",
  default: false,
  describe: "print JSON on standard output",
} as const;
export const DUMP_IR = {
  type: "string",
  describe: "folder for the loops after each step and pass, as numbered files",
} as const;

export const NUMERICS = {
  type: "string",
  choices: LEVELS,
  default: "fast",
  describe:
    "Winograd's and Strassen's convolutions: fast takes any, close those that round like plain sums, strict none; f16 computes in 16 bits",
} as const;

/** What a command to type next says of it: nothing where it is the default. */
export function numericsWords(numerics: Numerics = NUMERICS.default): readonly string[] {
  return numerics === NUMERICS.default ? [] : ["--numerics", numerics];
}

export const MAX_WEIGHTS = {
  type: "string",
  requiresArg: true,
  describe: "most memory for weights, as 100MB or 64MiB (default: half of the board's)",
} as const;

export const CHOOSE = {
  type: "string",
  choices: ["estimate", "model"],
  default: "estimate",
  describe: "how tiles are chosen: estimated, or tried under qemu on the core's model",
} as const;

export const DECISIONS = {
  type: "string",
  requiresArg: true,
  describe: "a file of `compile --decisions-out`: algorithms, schedules and tiles as it says",
} as const;
export const RECORDS = {
  type: "string",
  array: true,
  requiresArg: true,
  describe:
    "a log of `tune`: the best kernels recorded for the target's core, before those that come with Tilewright; none: not even those",
} as const;
export const SET = {
  type: "string",
  array: true,
  requiresArg: true,
  describe: "LAYER.NAME=VALUE: one tile or other knob, `schedule` or `algorithm` of a layer",
} as const;

/** How a network's algorithms, schedules and knobs are decided, for every command that compiles one. */
export const DECIDING = {
  numerics: NUMERICS,
  "max-weights": MAX_WEIGHTS,
  choose: CHOOSE,
  decisions: DECISIONS,
  set: SET,
  records: RECORDS,
} as const;

/** Of one kernel. */
export const SET_KNOB = {
  type: "string",
  array: true,
  requiresArg: true,
  describe: "NAME=VALUE: one tile or other knob of the schedule, as tile=8",
} as const;

export const MODEL = {
  name: "MODEL",
  describe: "an ONNX or TensorFlow Lite file, or zoo:NAME",
  required: true,
} as const;

export const INPUT = {
  type: "string",
  array: true,
  describe: "[NAME=]FILE: .npy, .npz (FILE.npz:ARRAY for one array), else raw little-endian floats",
} as const;

export const RESULTS_OUT = {
  type: "string",
  alias: "o",
  requiresArg: true,
  describe: "the file to write (default: standard output)",
} as const;

/** Of programs that take turns. */
export const TURNS = {
  rounds: {
    type: "number",
    describe:
      "rounds of two pairs of processes, at least 5 (default 6, and more until the ratio is sure within 1 % or 60 s have passed)",
  },
  warmup: { type: "number", describe: "inferences of a process before the first that counts (default 1)" },
  repeats: { type: "number", describe: "turns of each process, of 10 ms or two inferences (default 10)" },
} as const;
