/** What the process has grown by since, in bytes, at its largest of the times asked. */
export function watchMemory(): () => number {
  const before = process.memoryUsage.rss();
  let most = 0;
  return () => {
    most = Math.max(most, process.memoryUsage.rss() - before);
    return most;
  };
}
