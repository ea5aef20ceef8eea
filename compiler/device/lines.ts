/** A line longer than this is none of a program's. */
const LONGEST = 8 << 20;

/** Takes text in pieces, as programs print it, and hands on each line once it is whole. */
export function byLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let open: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...open, rest.subarray(0, end)]);
      [open, size, rest] = [[], 0, rest.subarray(end + 1)];
      onLine(line.toString());
    }
    size += rest.length;
    if (size <= LONGEST) open.push(rest);
    else open = [];
  };
}
