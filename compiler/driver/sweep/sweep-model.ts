import { regroup, regroupable } from "../../analyze/regroup.ts";
import { groupingOf, type Setting, settingText } from "../../analyze/sweep-record.ts";
import { type LoadOptions, readModel } from "../../frontend/load-model.ts";
import { parseZooName } from "../../frontend/zoo/index.ts";
import type { Graph } from "../../graph/graph.ts";

/** A network that can be had with any grouping. */
export interface SweepModel {
  readonly name: string;
  /** Content key of the network as it is. */
  readonly key: string;
  /** With weights of zero when only shapes matter. Throws F codes. */
  readonly build: (setting: Setting, shapesOnly: boolean) => Promise<Graph>;
}

/**
 * MODEL of a command line: networks of the zoo as published for g and G, ONNX files regrouped; `notice` is told once
 * for each setting that does not divide all layers of a file. Throws F codes.
 */
export async function readSweepModel(
  model: string,
  options: LoadOptions,
  notice: (text: string) => void,
): Promise<SweepModel> {
  if (!model.startsWith("zoo:")) {
    const { graph, sha256 } = await readModel(model, options);
    const told = new Set<string>();
    const build = async (setting: Setting): Promise<Graph> => {
      const { graph: regrouped, changes } = regroup(graph, groupingOf(setting));
      const text = settingText(setting);
      const inexact = changes.filter(({ exact }) => !exact).length;
      if (inexact > 0 && !told.has(text))
        notice(
          `${text} does not divide ${inexact} of ${changes.length} layers: they take the nearest that does`,
        );
      told.add(text);
      return regrouped;
    };
    return { name: graph.name, key: sha256, build };
  }
  const { sha256 } = await readModel(model, { ...options, zoo: { shapesOnly: true } });
  return {
    name: parseZooName(model.slice(4)).network,
    key: sha256,
    build: async (setting, shapesOnly) =>
      (await readModel(model, { ...options, zoo: { ...groupingOf(setting), shapesOnly } })).graph,
  };
}

/** Names of the layers that a sweep over these settings changes; also finds out that every setting can be built. */
export async function variableLayers(
  model: SweepModel,
  settings: readonly Setting[],
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const setting of settings) {
    for (const { name } of regroupable(await model.build(setting, true))) names.add(name);
  }
  return names;
}
