import { visible } from "../../support/text.ts";

/** A name as one line of text that any format may hold: halves of surrogate pairs, and what Unicode says is no character, are replaced. */
export function plainName(text: string): string {
  return visible(text.replace(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd"));
}
