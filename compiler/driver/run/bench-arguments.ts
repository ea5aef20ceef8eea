/** Of a program's `bench` for so many runs of one step on one thread, nothing before them. */
export function benchArguments(step: number, repeats: number): string[] {
  return [
    ...["bench", "--layer", String(step), "--warmup", "0"],
    ...["--repeats", String(repeats), "--threads", "1"],
  ];
}
