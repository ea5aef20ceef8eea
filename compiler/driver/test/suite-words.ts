// Words of suites, for who must not load what reads them.

/** What networks can be given without a file. */
export const INPUT_KINDS = ["random", "ones", "ramp", "huge", "tiny", "special"] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** What results can be compared with; a golden output is a file. */
export const REFERENCES = ["kernels", "onnxruntime"] as const;

/** What can be found out beside whether results are right. */
export const MEASURES = ["cycles", "time"] as const;
export type Measure = (typeof MEASURES)[number];

/** Numbers of threads that a case may be run on, and how many times its bound a value may be off. */
export const MOST_THREADS = 64;
export const MOST_TOLERANCE = 1000;
