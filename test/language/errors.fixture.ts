import type { Dims } from "../../compiler/language/kernel.ts";
import type { KernelProblem } from "../../compiler/language/kernel-error.ts";

/** A kernel outside the language, and all that its author is told. */
export interface Refused {
  readonly problem: KernelProblem;
  /** A whole file, or the body of the kernel that `inKernel` puts around it. */
  readonly text: string;
  /** Default: N = 2, F = 0.5. */
  readonly dims?: Dims;
  readonly message: string;
}

/** The file of a body. */
export function inKernel(body: string): string {
  if (/^(export|import) /.test(body)) return body;
  const lines = body.replace(/^(?=.)/gm, "  ");
  return `export function kernel({ N, F }: Dims, x: Input<["N", 4]>, w: Weight<[4]>, y: Output<["N", 4]>): void {\n${lines}\n}\n`;
}

export const refused: readonly Refused[] = [
  {
    problem: "noFunction",
    text: `export function conv(y: Output<[1]>): void {}
`,
    message: `error[K101]: no function \`kernel\` in the kernel's file
  where: kernel.ts
  why:   it declares \`conv\`
  help:  declare it: export function name(...) { ... }`,
  },
  {
    problem: "unboundDims",
    text: `export function kernel({ N, OW, KH }: Dims, y: Output<["N"]>): void {}
`,
    dims: { N: 1, OWW: 3 },
    message: `error[K102]: no value for dimensions \`OW\`, \`KH\`
  where: kernel.ts:1:24
         export function kernel({ N, OW, KH }: Dims, y: Output<["N"]>): void {}
                                ^^^^^^^^^^^^^
  why:   given are N, OWW
  help:  did you mean \`OWW\`?`,
  },
  {
    problem: "unboundDims",
    text: `export function kernel({ N }: Dims, y: Output<["N", "IH"]>): void {
  for (const n of range(N)) {
    y[n][0] = 1;
  }
}
`,
    message: `error[K102]: no value for dimension \`IH\`
  where: kernel.ts:1:53
         export function kernel({ N }: Dims, y: Output<["N", "IH"]>): void {
                                                             ^^^^
  why:   given are N, F
  help:  give every dimension of the kernel a number`,
  },
  {
    problem: "badParameter",
    text: `export function kernel({ N }: Dims, y: number[]): void {}
`,
    message: `error[K103]: parameter \`y\` is no tensor
  where: kernel.ts:1:37
         export function kernel({ N }: Dims, y: number[]): void {}
                                             ^^^^^^^^^^^
  help:  write its role and shape: x: Input<["N", "C", 56]>, with Input, Weight, Indices or Output`,
  },
  {
    problem: "badParameter",
    text: `export function kernel(y: Output<number>): void {
  y[0] = 1;
}
`,
    message: `error[K103]: parameter \`y\` has no shape
  where: kernel.ts:1:24
         export function kernel(y: Output<number>): void {
                                ^^^^^^^^^^^^^^^^^
  help:  write its role and shape: x: Input<["N", "C", 56]>, with Input, Weight, Indices or Output`,
  },
  {
    problem: "badStatement",
    text: `while (true) {}`,
    message: `error[K104]: a while statement is not part of the kernel language
  where: kernel.ts:2:3
         while (true) {}
         ^^^^^^^^^^^^^^^
  help:  a kernel has loops, \`if\` on indices, \`const\`, \`let\` and assignments to tensor elements`,
  },
  {
    problem: "badStatement",
    text: `let acc;`,
    message: `error[K104]: \`acc\` has no value
  where: kernel.ts:2:7
         let acc;
             ^^^
  help:  write \`let acc = 0;\`, or \`const tile = register([4, 8]);\` for an array`,
  },
  {
    problem: "badStatement",
    text: `x[0][0];`,
    message: `error[K104]: \`x[0][0]\` does nothing in a kernel
  where: kernel.ts:2:3
         x[0][0];
         ^^^^^^^
  help:  assign: y[i] = v, y[i] += v, or y[i] = max(y[i], v)`,
  },
  {
    problem: "badStatement",
    text: `foo(x);`,
    message: `error[K104]: \`foo(x)\` does nothing in a kernel
  where: kernel.ts:2:3
         foo(x);
         ^^^^^^
  help:  assign: y[i] = v, y[i] += v, or y[i] = max(y[i], v)`,
  },
  {
    problem: "badStatement",
    text: `return;`,
    message: `error[K104]: a return statement is not part of the kernel language
  where: kernel.ts:2:3
         return;
         ^^^^^^^
  help:  a kernel has loops, \`if\` on indices, \`const\`, \`let\` and assignments to tensor elements`,
  },
  {
    problem: "badExpression",
    text: `y[0][0] = x[0][0] ** 2;`,
    message: `error[K105]: \`**\` is not part of the kernel language here
  where: kernel.ts:2:13
         y[0][0] = x[0][0] ** 2;
                   ^^^^^^^^^^^^
  help:  write v * v`,
  },
  {
    problem: "badExpression",
    text: `y[0][0] = Math.cbrt(x[0][0]);`,
    message: `error[K105]: cannot call \`Math.cbrt\` with 1 argument in a kernel
  where: kernel.ts:2:13
         y[0][0] = Math.cbrt(x[0][0]);
                   ^^^^^^^^^^^^^^^^^^
  help:  the functions are min(a, b), max(a, b), fma(a, b, c), exp(v), sqrt(v), tanh(v), float(i), mod(i, 4) and Math.floor(i / 4)
  help:  log, sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh, roundDown, roundUp, roundEven, sign, pow, fmod, isLess, isEqual, choose, of values
  help:  f32, f16, i8, u8, i32, roundI32, roundSmallI32, saturateI8, saturateU8 convert a value to a type
  help:  wrapI16 is what 16 bits hold of a value of i32
  help:  others are declared in this file, or imported from one beside it`,
  },
  {
    problem: "badExpression",
    text: `y[0][0] = "one";`,
    message: `error[K105]: a string literal is not part of the kernel language
  where: kernel.ts:2:13
         y[0][0] = "one";
                   ^^^^^
  help:  use numbers, tensor elements, + - * /, min, max, exp, sqrt, tanh and \`condition ? a : b\``,
  },
  {
    problem: "badExpression",
    text: `y[0][0] = x[0][0] > 0;`,
    message: `error[K105]: \`>\` is not part of the kernel language here
  where: kernel.ts:2:13
         y[0][0] = x[0][0] > 0;
                   ^^^^^^^^^^^
  help:  a comparison stands in a condition on indices: i < 4 ? a : b`,
  },
  {
    problem: "unknownName",
    text: `y[0][0] = x[0][0] * ww[1];`,
    message: `error[K106]: unknown name \`ww\`
  where: kernel.ts:2:23
         y[0][0] = x[0][0] * ww[1];
                             ^^
  help:  did you mean \`w\`?`,
  },
  {
    problem: "badLoop",
    text: `for (const i of [0, 1]) {
  y[0][i] = 0;
}`,
    message: `error[K107]: this loop is not part of the kernel language
  where: kernel.ts:2:3
         for (const i of [0, 1]) {
         ^^^^^^^^^^^^^^^^^^^^^^^^^
  help:  write \`for (const i of range(N))\` or \`for (let i = 0; i < N; i++)\``,
  },
  {
    problem: "badLoop",
    text: `for (const i of ranges(4)) {
  y[0][i] = 0;
}`,
    message: `error[K107]: this loop is not part of the kernel language
  where: kernel.ts:2:19
         for (const i of ranges(4)) {
                         ^^^^^^^^^
  help:  write \`for (const i of range(N))\` or \`for (let i = 0; i < N; i++)\``,
  },
  {
    problem: "badLoop",
    text: `for (let i = 4; i > 0; i--) {
  y[0][i] = 0;
}`,
    message: `error[K107]: this loop is not part of the kernel language
  where: kernel.ts:2:19
         for (let i = 4; i > 0; i--) {
                         ^^^^^
  help:  write \`for (const i of range(N))\` or \`for (let i = 0; i < N; i++)\``,
  },
  {
    problem: "badBound",
    text: `for (const n of range(N)) {
  for (const i of range(n)) {
    y[n][i] = 0;
  }
}`,
    message: `error[K108]: loop bound \`n\` is not a whole constant
  where: kernel.ts:3:27
         for (const i of range(n)) {
                               ^
  why:   it changes while the kernel runs
  help:  bound loops by dimensions; guard the body instead: if (i < n) { ... }`,
  },
  {
    problem: "badBound",
    text: `for (const i of range(N - 9)) {
  y[i][0] = 0;
}`,
    message: `error[K108]: loop bound \`N - 9\` is negative
  where: kernel.ts:2:25
         for (const i of range(N - 9)) {
                               ^^^^^
  why:   its value is -7`,
  },
  {
    problem: "badBound",
    text: `const tile = register([N, F]);`,
    message: `error[K108]: extent \`F\` is not a positive whole constant
  where: kernel.ts:2:29
         const tile = register([N, F]);
                                   ^
  help:  give local arrays extents made of dimensions and numbers`,
  },
  {
    problem: "notAffine",
    text: `for (const n of range(N)) {
  for (const i of range(2)) {
    y[n][n * i + 1] = 0;
  }
}`,
    message: `error[K109]: \`n * i\` cannot be part of an index
  where: kernel.ts:4:12
         y[n][n * i + 1] = 0;
              ^^^^^
  why:   both factors change while the loops run
  help:  an index is a sum of loop variables, and elements of Indices, times whole constants; Math.floor(i / 4) and i % 4 are allowed`,
  },
  {
    problem: "notAffine",
    text: `y[0][w[0]] = 1;`,
    message: `error[K109]: \`w[0]\` cannot be part of an index
  where: kernel.ts:2:8
         y[0][w[0]] = 1;
              ^^^^
  why:   it is a value, computed when the kernel runs
  help:  an index is a sum of loop variables, and elements of Indices, times whole constants; Math.floor(i / 4) and i % 4 are allowed`,
  },
  {
    problem: "notAffine",
    text: `for (const i of range(4)) {
  y[0][i / 2] = 1;
}`,
    message: `error[K109]: \`i / 2\` cannot be part of an index
  where: kernel.ts:3:10
         y[0][i / 2] = 1;
              ^^^^^
  why:   a division leaves whole numbers
  help:  an index is a sum of loop variables, and elements of Indices, times whole constants; Math.floor(i / 4) and i % 4 are allowed`,
  },
  {
    problem: "notAffine",
    text: `y[0][F] = 1;`,
    message: `error[K109]: \`F\` cannot be part of an index
  where: kernel.ts:2:8
         y[0][F] = 1;
              ^
  why:   its value is 0.5, not a whole number
  help:  an index is a sum of loop variables, and elements of Indices, times whole constants; Math.floor(i / 4) and i % 4 are allowed`,
  },
  {
    problem: "wrongRank",
    text: `y[0] = 1;`,
    message: `error[K110]: \`y\` has 2 dimensions, but 1 index is given
  where: kernel.ts:2:3
         y[0] = 1;
         ^^^^
  why:   its shape is [2, 4]
  help:  read and write single elements: one index per dimension`,
  },
  {
    problem: "wrongRank",
    text: `y[0][1] = x * 2;`,
    message: `error[K110]: \`x\` has 2 dimensions, but no indices are given
  where: kernel.ts:2:13
         y[0][1] = x * 2;
                   ^
  why:   its shape is [2, 4]
  help:  read and write single elements: one index per dimension`,
  },
  {
    problem: "wrongRank",
    text: `y[0][1] = N[0];`,
    message: `error[K110]: \`N\` is a dimension, not a tensor
  where: kernel.ts:2:13
         y[0][1] = N[0];
                   ^^^^
  help:  use it without indices`,
  },
  {
    problem: "outOfBounds",
    text: `for (const n of range(N)) {
  for (const i of range(4)) {
    y[n][i] = x[n][i + 1];
  }
}`,
    message: `error[K111]: \`i + 1\` leaves dimension 1 of \`x\`
  where: kernel.ts:4:22
         y[n][i] = x[n][i + 1];
                        ^^^^^
  why:   it runs from 1 to 4, the dimension from 0 to 3; for example with i = 3
  help:  correct the index or the shape of \`x\`, or guard the access: i + 1 < 4 ? ... : 0`,
  },
  {
    problem: "notAssignable",
    text: `x[0][0] = 1;`,
    message: `error[K112]: cannot assign to \`x\`: it is an input
  where: kernel.ts:2:3
         x[0][0] = 1;
         ^^^^^^^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "notAssignable",
    text: `w[0] += 1;`,
    message: `error[K112]: cannot assign to \`w\`: it is a weight
  where: kernel.ts:2:3
         w[0] += 1;
         ^^^^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "notAssignable",
    text: `const v = x[0][0];
v = 2;`,
    message: `error[K112]: cannot assign to \`v\`: it is a constant
  where: kernel.ts:3:3
         v = 2;
         ^
  help:  write to an Output parameter, or to a local declared with \`let\``,
  },
  {
    problem: "declaredTwice",
    text: `for (const i of range(N)) {
  for (const i of range(4)) {
    y[0][i] = 0;
  }
}`,
    message: `error[K113]: \`i\` is already declared here
  where: kernel.ts:3:16
         for (const i of range(4)) {
                    ^
  help:  give it a name of its own: a name means one thing inside a loop nest`,
  },
  {
    problem: "badCondition",
    text: `y[0][0] = x[0][0] > 0 ? x[0][0] : 0;`,
    message: `error[K114]: \`x[0][0]\` cannot be compared in a kernel
  where: kernel.ts:2:13
         y[0][0] = x[0][0] > 0 ? x[0][0] : 0;
                   ^^^^^^^
  why:   a condition compares indices and constants, so that it can be decided before the kernel runs
  help:  choose between values with min and max: max(v, 0)`,
  },
  {
    problem: "badCondition",
    text: `if (w[0]) {
  y[0][0] = 1;
}`,
    message: `error[K114]: \`w[0]\` is not a condition on indices
  where: kernel.ts:2:7
         if (w[0]) {
             ^^^^
  why:   a condition compares indices and constants, so that it can be decided before the kernel runs
  help:  choose between values with min and max: max(v, 0)`,
  },
  {
    problem: "badStorage",
    text: `export function kernel(y: Output<[1, 8], "0 1/4 1%2">): void {
  y[0][0] = 1;
}
`,
    message: `error[K115]: "0 1/4 1%2" is no storage of 2 dimensions
  where: kernel.ts:1:42
         export function kernel(y: Output<[1, 8], "0 1/4 1%2">): void {
                                                  ^^^^^^^^^^^
  help:  name every dimension by number in memory order: "0 1/4 2+1,1 3+1,1 1%4" is NCHW in blocks of 4 with a border`,
  },
  {
    problem: "syntax",
    text: `export function kernel(y: Output<[1]>): void {
  y[0] = ;
}
`,
    message: `error[K116]: not TypeScript: Expression expected.
  where: kernel.ts:2:10
         y[0] = ;
                ^`,
  },
  {
    problem: "badDivision",
    text: `for (const i of range(4)) {
  y[0][i % 0] = 1;
}`,
    message: `error[K117]: \`0\` is not a positive whole constant
  where: kernel.ts:3:14
         y[0][i % 0] = 1;
                  ^
  help:  divide indices by constants: Math.floor(i / 4), i % 4`,
  },
  {
    problem: "badDivision",
    text: `for (const i of range(4)) {
  y[0][(i - 1) % 4] = 1;
}`,
    message: `error[K117]: \`(i - 1)\` may be negative
  where: kernel.ts:3:10
         y[0][(i - 1) % 4] = 1;
              ^^^^^^^
  why:   it goes down to -1, and % of a negative number is negative in TypeScript
  help:  write mod(i - 1, 4)`,
  },
  {
    problem: "badDivision",
    text: `y[0][0] = Math.floor(x[0][0]);`,
    message: `error[K117]: \`x[0][0]\` is a value, not an index
  where: kernel.ts:2:24
         y[0][0] = Math.floor(x[0][0]);
                              ^^^^^^^
  help:  Math.floor, % and mod are for indices; values have + - * /`,
  },
  {
    problem: "mixedTypes",
    text: `export function kernel(x: Input<[1]>, a: Input<[1], "i8">, y: Output<[1]>): void {
  y[0] = x[0] * a[0];
}
`,
    message: `error[K123]: \`x[0] * a[0]\` mixes f32 and i8
  where: kernel.ts:2:10
         y[0] = x[0] * a[0];
                ^^^^^^^^^^^
  why:   no value is converted unless the kernel says so
  help:  write f32(a[0])
  help:  write saturateI8(roundI32(x[0]))`,
  },
  {
    problem: "mixedTypes",
    text: `export function kernel(h: Input<[1], "f16">, y: Output<[1]>): void {
  y[0] = h[0];
}
`,
    message: `error[K123]: \`h[0]\` is f16, but \`y\` holds f32
  where: kernel.ts:2:10
         y[0] = h[0];
                ^^^^
  why:   no value is converted unless the kernel says so
  help:  write f32(h[0])`,
  },
  {
    problem: "mixedTypes",
    text: `export function kernel(h: Input<[4], "f16">, y: Output<[4], "f16">): void {
  for (const i of range(4)) y[i] = h[i] * i;
}
`,
    message: `error[K123]: \`i\` mixes f16 and an index
  where: kernel.ts:2:43
         for (const i of range(4)) y[i] = h[i] * i;
                                                 ^
  why:   no value is converted unless the kernel says so
  help:  write f16(float(i))`,
  },
  {
    problem: "noOperation",
    text: `export function kernel(a: Input<[1], "i8">, y: Output<[1], "i32">): void {
  y[0] = a[0] * a[0];
}
`,
    message: `error[K124]: i8 has no \`*\`
  where: kernel.ts:2:10
         y[0] = a[0] * a[0];
                ^^^^^^^^^^^
  why:   i8 only holds numbers: what is computed with them is i32, or f32
  help:  write i32(a[0]) * i32(a[0])`,
  },
  {
    problem: "noOperation",
    text: `export function kernel(h: Input<[1], "f16">, y: Output<[1], "f16">): void {
  y[0] = exp(h[0]);
}
`,
    message: `error[K124]: f16 has no \`exp\`
  where: kernel.ts:2:10
         y[0] = exp(h[0]);
                ^^^^^^^^^
  why:   \`exp\` is computed in f32
  help:  write f16(exp(f32(h[0])))`,
  },
  {
    problem: "noOperation",
    text: `export function kernel(x: Input<[1]>, y: Output<[1], "i32">): void {
  y[0] = i32(x[0]);
}
`,
    message: `error[K124]: \`i32\` does not convert f32
  where: kernel.ts:2:10
         y[0] = i32(x[0]);
                ^^^^^^^^^
  why:   \`x[0]\` is f32; where a number may be lost, the name says what becomes of it
  help:  write roundI32(x[0])`,
  },
  {
    problem: "noOperation",
    text: `export function kernel(s: Input<[1], "i32">, y: Output<[1], "f16">): void {
  y[0] = f16(s[0]);
}
`,
    message: `error[K124]: \`f16\` does not convert i32
  where: kernel.ts:2:10
         y[0] = f16(s[0]);
                ^^^^^^^^^
  why:   \`s[0]\` is i32
  help:  write f16(f32(s[0]))`,
  },
  {
    problem: "notOfType",
    text: `export function kernel(s: Input<[1], "i32">, y: Output<[1], "i32">): void {
  y[0] = s[0] + 2.5;
}
`,
    message: `error[K125]: \`2.5\` is no i32
  where: kernel.ts:2:17
         y[0] = s[0] + 2.5;
                       ^^^
  why:   its value is 2.5; i32 holds whole numbers from -2147483648 to 2147483647
  help:  write a number that it holds, or compute in f32`,
  },
];
