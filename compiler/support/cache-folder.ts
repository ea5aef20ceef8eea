import envPaths from "env-paths";

/** Where what can be made again is kept: TILEWRIGHT_CACHE, else `tilewright` in the user's cache folder. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.TILEWRIGHT_CACHE || envPaths("tilewright", { suffix: "" }).cache;
}

/** The user's folder of configuration. */
export function configFolder(): string {
  return envPaths("tilewright", { suffix: "" }).config;
}
