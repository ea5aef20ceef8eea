/**
 * The floors of compiler/, lowest first. A folder imports from lower floors and from itself, never from
 * its neighbours on the same floor. Files directly in compiler/ are the top.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["support"],
  ["ir"],
  ["machine", "artifact"],
  ["language", "schedule", "lower", "codegen"],
  ["ops"],
  ["task"],
  ["graph"],
  ["frontend"],
  ["toolchain", "device"],
  ["verify", "analyze", "results"],
  ["driver"],
  ["cli"],
  ["(top)"],
];

/** Where each outside package may be imported: paths below compiler/ that begin so. A package not listed may not be imported. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  "ts-morph": ["language/"],
  handlebars: ["codegen/templates.ts"],
  ssh2: ["device/ssh/"],
  yargs: ["cli/"],
  listr2: ["cli/"],
  picocolors: ["cli/"],
  "cli-table3": ["cli/"],
  protobufjs: ["frontend/onnx"],
  fflate: ["frontend/"],
  execa: ["device/"],
  yaml: ["driver/test/read-suite.ts"],
  bullmq: ["driver/queue/"],
  ioredis: ["driver/queue/server/"],
  pg: ["driver/queue/server/"],
  jiti: ["driver/kernel/user-module.ts"],
  "p-limit": ["toolchain/", "driver/", "device/"],
  "env-paths": ["support/"],
  "fastest-levenshtein": ["support/text.ts"],
  "simple-statistics": ["driver/", "analyze/", "results/"],
  echarts: ["analyze/plot.ts"],
  "ml-fcnnls": ["analyze/fit"],
  xmlbuilder: ["results/formats/"],
  zod: [
    "machine/",
    "artifact/",
    "schedule/",
    "frontend/",
    "toolchain/",
    "device/",
    "verify/",
    "analyze/",
    "results/",
    "driver/",
    "cli/",
  ],
};

/** Folders of pure values: they touch neither files nor processes. */
export const PURE: readonly string[] = ["ir", "schedule", "lower", "artifact", "graph", "ops", "task"];

/** Packages that `tilewright --help` must not load: nothing reaches them from the command line's main file without `import()`. */
export const HEAVY: readonly string[] = [
  "ts-morph",
  "protobufjs",
  "ssh2",
  "handlebars",
  "execa",
  "zod",
  "listr2",
  "echarts",
  "jiti",
  "xmlbuilder",
  "yaml",
  "bullmq",
  "ioredis",
  "pg",
];

/** Top level of the repository, beside dot files and what .gitignore names. */
export const TOP_LEVEL: readonly string[] = [
  "ARCHITECTURE.md",
  "LICENSE",
  "Makefile",
  "README.md",
  "compiler",
  "package-lock.json",
  "package.json",
  "runtime-c",
  "targets",
  "templates",
  "test",
  "tsconfig.json",
];

export const MAX_LINES = 300;

/** Half of the files have at most so many lines. */
export const MEDIAN_LINES = 70;

/** Lines of a function, apart from kernels: these are one function by their language. */
export const MAX_FUNCTION_LINES = 60;

/** What the linter is asked to let pass, for a reason given there. */
export const LINT_EXCEPTIONS: readonly string[] = [
  "compiler/ops/op.ts: lint/suspicious/noExplicitAny",
  "compiler/cli/terminal.ts: lint/suspicious/noControlCharactersInRegex",
];
