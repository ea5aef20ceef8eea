import { operator } from "../operator.ts";

/** If on a condition that is known is inlined before it comes here (import-branch.ts). */
const branch = operator("If", (node) =>
  node.unsupported("its condition must be known before the network runs"),
);

/** Of a number of rounds that is known they are inlined, too (import-loop.ts). */
const loop = operator("Loop", (node) =>
  node.unsupported("its number of rounds must be known before the network runs"),
);
const scan = operator("Scan", (node) => node.unsupported("of sequences of unknown length"));

export const branchOperators = [branch, loop, scan] as const;
