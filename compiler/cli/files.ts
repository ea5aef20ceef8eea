// Files that commands write are written as all others are.
export { cannotWrite, writeWhole } from "../support/write-whole.ts";
