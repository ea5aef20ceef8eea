// Faults in a bundle's generated C and packed weights: every kind lists the places where it can be planted, as changed files.
/** The kernel's function without its head: changes are made there alone. */
const BODY = /\)\n\{\n[\s\S]*$/;

/** A change of one match of a pattern in a kernel's body. */
function sites(text, pattern, change) {
  const body = BODY.exec(text);
  if (body === null) return [];
  return [...body[0].matchAll(pattern)].flatMap((match) => {
    const instead = change(match);
    if (instead === undefined || instead === match[0]) return [];
    const at = body.index + match.index;
    return [text.slice(0, at) + instead + text.slice(at + match[0].length)];
  });
}

/** Variables of a kernel that are always 0: multiplied by anything they stay so. */
function zeros(text) {
  return new Set([...text.matchAll(/const ptrdiff_t (\w+) = 0;/g)].map(([, name]) => name));
}

/** Loops of one turn, and their variables. */
function once(text) {
  return new Set([...text.matchAll(/for \(ptrdiff_t (\w+) = 0; \1 < 1; /g)].map(([, name]) => name));
}

const C = (make) => (kernels) =>
  kernels.flatMap(({ file, text }) => make(text, file).map((changed) => ({ file, contents: changed })));

export const KINDS = {
  "wrong index": C((text) => [
    // a load of weights or pixels one element further
    ...sites(
      text,
      /vld1q?_f32\((\w+)( \+ (\d+))?\)/g,
      ([, base, , at]) => `vld1q_f32(${base} + ${Number(at ?? 0) + 1})`,
    ),
    ...sites(text, / = (\w+)\[(\d+)\];/g, ([, base, at]) => ` = ${base}[${Number(at) + 1}];`),
  ]),
  "dropped tail": C((text) =>
    sites(text, /(for \(ptrdiff_t (\w+) = 0; \2 < )(\d+)(; )/g, ([, head, , count, rest]) =>
      Number(count) > 1 ? `${head}${count - 1}${rest}` : undefined,
    ),
  ),
  "wrong lane": C((text) =>
    sites(
      text,
      /(_laneq_f32\(\w+, \w+, \w+, )(\d)\)/g,
      ([, head, lane]) => `${head}${(Number(lane) + 1) % 4})`,
    ),
  ),
  "missing accumulate": C((text) => sites(text, /^ *(\w+) = vfma\w*\(\1, [^;]*;\n/gm, () => "")),
  "stale epilogue": C((text) => [
    ...sites(text, /vmaxq_f32\((\w+), (\w+)\)/g, ([, value]) => value),
    ...sites(text, /(float32x4_t acc\d+ = )b_\w+;/g, ([, head]) => `${head}vdupq_n_f32(0.0f);`),
    ...sites(text, /vaddq_f32\((\w+), (b_\w+)\)/g, ([, value]) => value),
  ]),
  "border off by one": (kernels) =>
    C((text) =>
      sites(
        text,
        /vst1q_f32\((\w+) \+ (\d+), c_/g,
        ([, base, at]) => `vst1q_f32(${base} + ${Number(at) - 4}, c_`,
      ),
    )(kernels.filter(({ file }) => file.includes("fill_halo"))),
  "swapped channels": C((text) =>
    sites(
      text,
      /^( *)vst1q_f32\(([^,]+), (.*)\);\n\1vst1q_f32\(([^,]+), (.*)\);$/gm,
      ([, pad, a, x, b, y]) =>
        x === y ? undefined : `${pad}vst1q_f32(${a}, ${y});\n${pad}vst1q_f32(${b}, ${x});`,
    ),
  ),
  "wrong stride": C((text) => {
    const still = new Set([...zeros(text), ...once(text)]);
    return sites(text, /\+ (\w+) \* (\d+)/g, ([, name, by]) =>
      still.has(name) ? undefined : `+ ${name} * ${Number(by) + 4}`,
    );
  }),
  "missing halo": (kernels) =>
    C((text) => sites(text, /\)\n\{\n/g, ([head]) => `${head}    return;\n`))(
      kernels.filter(({ file }) => file.includes("fill_halo")),
    ),
  "wrong Winograd constant": (kernels) =>
    C((text) =>
      sites(text, /vdupq_n_f32\((-?[\d.]+)f\)/g, ([, value]) =>
        Number(value) === 0 ? undefined : `vdupq_n_f32(${Number(value) + 0.125}f)`,
      ),
    )(kernels.filter(({ file }) => file.includes("winograd"))),
  "race between threads": (kernels) =>
    C((text) => [
      ...sites(text, /^( *)(float \w+\[\d+\];)/gm, ([, pad, array]) => `${pad}static ${array}`),
      // where one thread's share begins, its first task is lost
      ...sites(text, /task = begin;/g, () => "task = begin == 0 ? 0 : begin + 1;"),
    ])(kernels.filter(({ file }) => /conv2d|winograd/.test(file))),
};

/** Of packed weights: one number is another, or two have changed places. */
export const WEIGHT_KINDS = {
  "one weight wrong": (weights, rng) => {
    const at = used(weights, rng);
    const changed = Float32Array.from(weights);
    changed[at] = weights[at] * 1.01 + 0.001;
    return changed;
  },
  "two weights swapped": (weights, rng) => {
    const [a, b] = [used(weights, rng), used(weights, rng)];
    if (Math.abs(weights[a] - weights[b]) < 0.01) return undefined;
    const changed = Float32Array.from(weights);
    [changed[a], changed[b]] = [weights[b], weights[a]];
    return changed;
  },
};

/** A weight that is no filling. */
function used(weights, rng) {
  for (;;) {
    const at = rng.int(weights.length);
    if (weights[at] !== 0) return at;
  }
}
