// Whether more groups ever cost more time, among layers that differ in nothing else.

const shape = ({ n, ic, oc, ih, iw, kh, kw, stride, pad, dilation }) =>
  [n, ic, oc, ih, iw, kh, kw, stride, pad, dilation].join();

/** Pairs of layers next to each other in groups of which the one with more takes longer on a core, and by what factor. */
export function rises(layers, rows, core) {
  const measured = layers.flatMap((layer) => {
    const row = rows.find(({ name }) => name === layer.name);
    return row === undefined ? [] : [{ layer, cycles: row.modelled_cycles[core.name] }];
  });
  const families = new Map();
  for (const one of measured) {
    const key = shape(one.layer);
    families.set(key, [...(families.get(key) ?? []), one]);
  }
  return [...families.values()].flatMap((family) => {
    const ordered = family.sort((a, b) => a.layer.groups - b.layer.groups);
    return ordered.slice(1).flatMap(({ layer, cycles }, i) => {
      const fewer = ordered[i];
      return cycles > fewer.cycles
        ? [{ from: fewer.layer.name, to: layer.name, factor: cycles / fewer.cycles }]
        : [];
    });
  });
}

/** A line for each core. */
export function risesLines(layers, rows, cores) {
  return cores.map((core) => {
    const found = rises(layers, rows, core).map(
      ({ from, to, factor }) => `${from} to ${to} by ${((factor - 1) * 100).toFixed(1)} %`,
    );
    return `${core.name}: with more groups, nothing else changed, modelled time ${found.length === 0 ? "never rises" : `rises: ${found.join(", ")}`}`;
  });
}
