import type { Timing } from "../device/runner.ts";

const NOTES: Readonly<Record<Timing, string>> = {
  measured: "",
  emulated: " (emulated: says nothing about a board's speed)",
  unknown: " (of a board that does not say which machine it is: it may be emulated)",
};

/** What stands behind a time that was not measured on a processor. */
export function timingNote(timing: Timing): string {
  return NOTES[timing];
}
