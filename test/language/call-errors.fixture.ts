import type { Refused } from "./errors.fixture.ts";

/** Calls and tables outside the language, and all that their author is told. */
export const refusedCalls: readonly Refused[] = [
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  double(x[0]);
}

function double(from: Input<[4]>, to: Output<[4]>): void {
  for (const w of range(4)) to[w] = from[w] * 2;
}
`,
    message: `error[K119]: \`double\` takes 2 arguments, one is given
  where: kernel.ts:2:3
         double(x[0]);
         ^^^^^^^^^^^^
  help:  its parameters are from, to`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  double(x, y);
}

function double(from: Input<[4]>, to: Output<[4]>): void {
  for (const w of range(4)) to[w] = from[w] * 2;
}
`,
    message: `error[K119]: \`x\` has 2 dimensions, \`from\` has 1
  where: kernel.ts:2:10
         double(x, y);
                ^
  why:   its shape is [2, 4], the parameter's [4]
  help:  hand over a part of it by indexing its first dimensions: x[n]`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  double(x[0], x[1]);
}

function double(from: Input<[4]>, to: Output<[4]>): void {
  for (const w of range(4)) to[w] = from[w] * 2;
}
`,
    message: `error[K119]: \`x[1]\` cannot be written, but \`to\` is an Output
  where: kernel.ts:2:16
         double(x[0], x[1]);
                      ^^^^
  help:  hand over an Output, or a local array`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  double(x[0][0] + 1, y[0]);
}

function double(from: Input<[4]>, to: Output<[4]>): void {
  for (const w of range(4)) to[w] = from[w] * 2;
}
`,
    message: `error[K119]: \`x[0][0] + 1\` is no tensor, but \`from\` is one
  where: kernel.ts:2:10
         double(x[0][0] + 1, y[0]);
                ^^^^^^^^^^^
  help:  hand over a tensor, or a part of one: x, x[n][g]`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = scale(x[0], 2);
}

function scale(v: number, by: number): number {
  const t = v * by;
  return t;
}
`,
    message: `error[K119]: \`x[0]\` is a tensor, but \`v\` is a number
  where: kernel.ts:2:19
         y[0][0] = scale(x[0], 2);
                         ^^^^
  help:  write its type: v: Input<["N", "M"]>, or hand over one element`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = scale();
}

function scale(v: number, by: number): number {
  const t = v * by;
  return t;
}
`,
    message: `error[K119]: \`scale\` takes 2 arguments, none are given
  where: kernel.ts:2:13
         y[0][0] = scale();
                   ^^^^^^^
  help:  its parameters are v, by`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  fill(4, y[0]);
}

function fill({ W, V = 1 }: Dims, to: Output<["W"]>): void {
  for (const w of range(W)) to[w] = V;
}
`,
    message: `error[K119]: the dimensions of a called kernel are given by name
  where: kernel.ts:2:8
         fill(4, y[0]);
              ^
  help:  write { M: OH, K: 64 }`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  fill({ W: x[0][0] }, y[0]);
}

function fill({ W, V = 1 }: Dims, to: Output<["W"]>): void {
  for (const w of range(W)) to[w] = V;
}
`,
    message: `error[K119]: \`W: x[0][0]\` gives a dimension no constant
  where: kernel.ts:2:10
         fill({ W: x[0][0] }, y[0]);
                ^^^^^^^^^^
  help:  write its name and a constant: { M: 4 }`,
  },
  {
    problem: "badArgument",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  fill({ W: 3 }, y[0]);
}

function fill({ W, V = 1 }: Dims, to: Output<["W"]>): void {
  for (const w of range(W)) to[w] = V;
}
`,
    message: `error[K119]: \`y[0]\` does not fit \`to\`: dimension 0 is 4, not 3
  where: kernel.ts:2:18
         fill({ W: 3 }, y[0]);
                        ^^^^
  why:   its shape is [4], the parameter's [W]`,
  },
  {
    problem: "unboundDims",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  fill({ V: 3 }, y[0]);
}

function fill({ W, V = 1 }: Dims, to: Output<["W"]>): void {
  for (const w of range(W)) to[w] = V;
}
`,
    message: `error[K102]: no value for dimension \`W\`
  where: kernel.ts:5:15
         function fill({ W, V = 1 }: Dims, to: Output<["W"]>): void {
                       ^^^^^^^^^^^^
  why:   given are V
  help:  give every dimension of the kernel a number`,
  },
  {
    problem: "recursion",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = again(x[0][0]);
}

function again(v: number): number {
  return again(v - 1);
}
`,
    message: `error[K120]: \`again\` calls itself
  where: kernel.ts:6:10
         return again(v - 1);
                ^^^^^^^^^^^^
  why:   a call is replaced by the function's body, which would never end
  help:  use a loop`,
  },
  {
    problem: "badTable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [[1, 2], [3]];
  y[0][0] = B[0][0];
}
`,
    message: `error[K121]: the rows of a table are alike: this is a list of 1, the first a list of 2
  where: kernel.ts:2:22
         const B = [[1, 2], [3]];
                            ^^^
  help:  a table is a list of numbers, or of such lists: const B = [[4, 0, -5], [0, 1, 1]];`,
  },
  {
    problem: "badTable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [1, [3]];
  y[0][0] = B[0];
}
`,
    message: `error[K121]: the rows of a table are alike: this is a list of 1, the first a number
  where: kernel.ts:2:17
         const B = [1, [3]];
                       ^^^
  help:  a table is a list of numbers, or of such lists: const B = [[4, 0, -5], [0, 1, 1]];`,
  },
  {
    problem: "badTable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [x[0][0]];
  y[0][0] = B[0];
}
`,
    message: `error[K121]: \`x[0][0]\` is not known at compile time
  where: kernel.ts:2:14
         const B = [x[0][0]];
                    ^^^^^^^
  help:  a table is a list of numbers, or of such lists: const B = [[4, 0, -5], [0, 1, 1]];`,
  },
  {
    problem: "badTable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [];
  y[0][0] = 1;
}
`,
    message: `error[K121]: an empty list is no table
  where: kernel.ts:2:13
         const B = [];
                   ^^
  help:  a table is a list of numbers, or of such lists: const B = [[4, 0, -5], [0, 1, 1]];`,
  },
  {
    problem: "badFunction",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = double(x[0], y[0]);
}

function double(from: Input<[4]>, to: Output<[4]>): void {
  for (const w of range(4)) to[w] = from[w] * 2;
}
`,
    message: `error[K122]: \`double\` is called for its value, and has more than \`const\` and \`return\`
  where: kernel.ts:6:3
         for (const w of range(4)) to[w] = from[w] * 2;
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help:  write \`const t = ...; return ...;\`, or let it write to an Output and call it as a statement`,
  },
  {
    problem: "badStatement",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  scale(x[0][0], 2);
}

function scale(v: number, by: number): number {
  const t = v * by;
  return t;
}
`,
    message: `error[K104]: a return statement is not part of the kernel language
  where: kernel.ts:7:3
         return t;
         ^^^^^^^^^
  help:  a kernel has loops, \`if\` on indices, \`const\`, \`let\` and assignments to tensor elements`,
  },
  {
    problem: "badStatement",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = half(x[0][0]);
}

function half(v: number): number {
  let h;
  return v / 2;
}
`,
    message: `error[K104]: \`h\` has no value
  where: kernel.ts:6:7
         let h;
             ^
  help:  write \`const h = ...\``,
  },
  {
    problem: "outOfBounds",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [[1, 2], [3, 4]];
  for (const i of range(4)) y[0][i] = B[0][i];
}
`,
    message: `error[K111]: \`i\` leaves dimension 1 of \`B\`
  where: kernel.ts:3:44
         for (const i of range(4)) y[0][i] = B[0][i];
                                                  ^
  why:   it runs from 0 to 3, the dimension from 0 to 1; for example with i = 2
  help:  correct the index or the shape of \`B\`, or guard the access: i < 2 ? ... : 0`,
  },
  {
    problem: "wrongRank",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [[1, 2], [3, 4]];
  y[0][0] = B[0];
}
`,
    message: `error[K110]: \`B\` has 2 dimensions, but 1 index is given
  where: kernel.ts:3:13
         y[0][0] = B[0];
                   ^^^^
  why:   its shape is [2, 2]
  help:  read and write single elements: one index per dimension`,
  },
  {
    problem: "wrongRank",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [[1, 2], [3, 4]];
  y[0][0] = B;
}
`,
    message: `error[K110]: \`B\` has 2 dimensions, but no indices are given
  where: kernel.ts:3:13
         y[0][0] = B;
                   ^
  why:   its shape is [2, 2]
  help:  read and write single elements: one index per dimension`,
  },
  {
    problem: "notAssignable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  const B = [1, 2];
  B[0] = 3;
}
`,
    message: `error[K112]: cannot assign to \`B\`: it is a table of constants
  where: kernel.ts:3:3
         B[0] = 3;
         ^^^^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "notAssignable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  bad(x[0], 2);
}

function bad(from: Input<[4]>, v: number): void {
  v = 3;
}
`,
    message: `error[K112]: cannot assign to \`v\`: it is a number
  where: kernel.ts:6:3
         v = 3;
         ^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "notAssignable",
    text: `export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  bad(y[0]);
}

function bad(from: Input<[4]>): void {
  from[0] = 3;
}
`,
    message: `error[K112]: cannot assign to \`from\`: it is an input
  where: kernel.ts:6:3
         from[0] = 3;
         ^^^^^^^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "unreadableFile",
    text: `import { f } from "./missing.ts";
export function kernel({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = f(x[0][0]);
}
`,
    message: `error[K118]: cannot read the file imported here
  where: kernel.ts:1:19
         import { f } from "./missing.ts";
                           ^^^^^^^^^^^^^^
  why:   ENOENT: no such file or directory`,
  },
  {
    problem: "badExpression",
    text: `export function kernel({ N, ...REST }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {
  y[0][0] = x[0][0] * REST;
}
`,
    message: `error[K105]: \`REST\` is dimensions, not a value
  where: kernel.ts:2:23
         y[0][0] = x[0][0] * REST;
                             ^^^^
  help:  hand it to a function that names those it uses: function f(v: number, { LO, HI }: Dims)`,
  },
];
