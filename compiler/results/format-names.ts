/** Names of what results can be written as (`formats/formats.ts`), for who must not load what writes them. */
export const FORMAT_NAMES = ["junit", "markdown", "google-benchmark", "bencher", "csv"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];
