const PARTS = { c: "C", flags: "flags", weights: "packed weights", places: "place in the arena" };

/**
 * What two versions compile differently: `kernels` as `{ where, what, before, after }`, the last two as records of the layer,
 * and `files`, how many bundles have another file of a name.
 */
export function differences(before, after) {
  const known = new Map(before.map((record) => [caseOf(record), record]));
  const kernels = [];
  const files = new Map();
  for (const record of after) {
    const where = caseOf(record);
    const old = known.get(where);
    if (old === undefined) {
      kernels.push({ where, what: ["no such case before"] });
      continue;
    }
    kernels.push(...layerDifferences(where, old.layers, record.layers));
    for (const path of changed(old.rest, record.rest)) files.set(path, (files.get(path) ?? 0) + 1);
  }
  return { kernels, files };
}

function caseOf({ model, target }) {
  const short = (path) =>
    path
      .split("/")
      .at(-1)
      .replace(/\.(onnx|json)$/, "");
  return `${short(model)} for ${short(target)}`;
}

function layerDifferences(where, before, after) {
  const names = [before, after].map((layers) => layers.map(({ layer }) => layer).join(", "));
  if (names[0] !== names[1]) return [{ where, what: [`layers: ${names[0]}, now ${names[1]}`] }];
  return after.flatMap((layer, i) => {
    const what = Object.keys(PARTS).filter((part) => layer[part] !== before[i][part]);
    if (what.length === 0) return [];
    const named = what.map((part) => PARTS[part]);
    return [{ where: `${where}, ${layer.layer}`, what: named, before: before[i], after: layer }];
  });
}

function changed(before, after) {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path]);
}
