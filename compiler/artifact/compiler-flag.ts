/** Kinds of flags: dialect, optimisation, machine, code generation, warnings, definitions. */
const KINDS = [
  /^-std=[a-z0-9+]+$/,
  /^-O([0-3sg]|fast)?$/,
  /^-g[0-3]?$/,
  /^-m(?!llvm)[a-z0-9-]+(=[A-Za-z0-9_.+-]+)?$/,
  /^-f(?!plugin|dump|profile|save|use-ld)[a-z][a-z0-9-]*(=[A-Za-z0-9_.+-]+)?$/,
  /^-W[a-z][a-z0-9+-]*(=[a-z0-9-]+)?$/,
  /^-D[A-Za-z_]\w*(=\w+)?$/,
  /^--param=[a-z0-9-]+=\d+$/,
];

/** What flags of a C compiler may be, in words. */
export const FLAG_RULE =
  "only -std, -O, -g, -m, -f, -W, -D and --param are let through, and of -f none that runs or writes other files";

/**
 * Whether a flag of a C compiler means itself and nothing more. It is printed into makefiles, and a bundle's metadata.json
 * may come from a stranger: no flag may name other programs, plugins, files or folders.
 */
export function isCompilerFlag(flag: string): boolean {
  return KINDS.some((kind) => kind.test(flag));
}
