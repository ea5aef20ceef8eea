/** Of any of a program's commands: which cores its threads are tied to. */
export function coreArguments({
  threads,
  cores,
}: {
  readonly threads: number;
  readonly cores?: readonly number[] | undefined;
}): string[] {
  return cores === undefined ? [] : ["--cores", cores.slice(0, threads).join(",")];
}

/** Of a program's `bench` for so many runs of one step on one thread, nothing before them. */
export function benchArguments(step: number, repeats: number): string[] {
  return [
    ...["bench", "--layer", String(step), "--warmup", "0"],
    ...["--repeats", String(repeats), "--threads", "1"],
  ];
}
