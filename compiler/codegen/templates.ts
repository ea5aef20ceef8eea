import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { PACKAGE_ROOT } from "../support/paths.ts";
import type { Views } from "./views.ts";

/** Where the templates lie: `<name>.hbs`. */
export const TEMPLATE_FOLDER: string = join(PACKAGE_ROOT, "templates");

/**
 * No helper but each and if: templates hold text, never logic. C, assembler and makefiles are not
 * HTML, so nothing is escaped in them; the views' builders quote what comes from a model.
 */
export const TEMPLATE_OPTIONS = {
  strict: true,
  noEscape: true,
  knownHelpersOnly: true,
  knownHelpers: { each: true, if: true },
} as const;

/** Pages escape what they print, but for what stands in three braces: that is HTML already. */
const PAGE_OPTIONS = { ...TEMPLATE_OPTIONS, noEscape: false } as const;

type Template = (view: unknown) => string;
const compiled = new Map<string, Template>();

/** Text of the template filled with its view. */
export function render<K extends keyof Views>(name: K, view: Views[K]): string {
  let template = compiled.get(name);
  if (template === undefined) {
    template = Handlebars.compile(
      readFileSync(join(TEMPLATE_FOLDER, `${name}.hbs`), "utf8"),
      name.endsWith(".html") ? PAGE_OPTIONS : TEMPLATE_OPTIONS,
    );
    compiled.set(name, template);
  }
  return template(view);
}
