import { operator } from "../operator.ts";

/** If on a condition that is known is inlined before it comes here (import-branch.ts). */
const branch = operator("If", (node) =>
  node.unsupported("its condition must be known before the network runs"),
);

export const branchOperators = [branch] as const;
