import { constants } from "node:os";

/** The name of a signal number of Linux, as `kill -l` says it. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? `signal ${number}` : found[0];
}

/** A shell's exit status taken apart: above 128 it means a signal. */
export function splitStatus(
  status: number,
): { readonly kind: "exit"; readonly code: number } | { readonly kind: "signal"; readonly signal: string } {
  return status > 128 && status <= 192
    ? { kind: "signal", signal: signalName(status - 128) }
    : { kind: "exit", code: status };
}
