import { describe, expect, test } from "vitest";
import { countLayers, type LayerCost } from "../../compiler/analyze/count-network.ts";
import { type EnergyTable, readEnergyTable } from "../../compiler/analyze/energy-table.ts";
import { frameCosts } from "../../compiler/analyze/frame-costs.ts";
import type { SweepRow } from "../../compiler/analyze/sweep-record.ts";
import { reportColumn } from "../../compiler/analyze/sweep-report.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { sample } from "../support/amount.ts";
import { E2GC_FILE } from "./e2gc-table.ts";

/** Of each setting once: a network is built to count its layers. */
const counted = new Map<string, readonly LayerCost[]>();

function layersOf(
  network: string,
  setting: { readonly g?: number; readonly G?: number },
): readonly LayerCost[] {
  const key = `${network} ${JSON.stringify(setting)}`;
  const known =
    counted.get(key) ?? countLayers(findZooNetwork(network).build({ ...setting, shapesOnly: true }));
  counted.set(key, known);
  return known;
}

/** The rows of one column of the table. */
function rowsOf(
  network: string,
  { rows }: EnergyTable,
  { name, batch }: EnergyTable["columns"][number],
): SweepRow[] {
  return rows.map(({ setting: { g, G }, energies }) => {
    const setting = { ...(g !== undefined && { g }), ...(G !== undefined && { G }) };
    const layers = layersOf(network, setting);
    return { setting, ...frameCosts(layers, batch), cost: energies.get(name) ?? 0 };
  });
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

describe.each(sample(["mobilenet-v1", "resnext50"], 2))(
  "the energies E2GC measured of %s",
  async (network) => {
    const table = await readEnergyTable(E2GC_FILE, network);

    test.each(table.columns.map((column) => [column.name, column] as const))(
      "%s: the fitted model predicts settings left out at least as well as the best simple one",
      (name, column) => {
        const rows = rowsOf(network, table, column);
        const { models } = reportColumn({ column: name, kind: "energy", unit: "mJ" }, rows);
        const {
          macs,
          params,
          "e2gc_beta_0.5": e2gc,
        } = models?.baselines ?? { macs: 0, params: 0, "e2gc_beta_0.5": 0 };
        const fitted = models?.fitted.leave_one_out ?? 1;
        console.log(
          `${network} ${name}: leave-one-out error ${percent(fitted)} fitted; MACs ${percent(macs)}, parameters ${percent(params)}, E2GC with beta 0.5 ${percent(e2gc)}`,
        );
        expect(fitted).toBeLessThanOrEqual(Math.min(macs, params, e2gc));
        for (const { value, low, high } of models?.fitted.coefficients ?? []) {
          expect(low).toBeLessThanOrEqual(high);
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(models?.balance.beta.value).toBeGreaterThan(0);
        expect(models?.balance.beta.value).toBeLessThanOrEqual(1);
      },
    );

    test("E2GC beats FgGC at equal MACs", () => {
      const [G, g] = [8, 32];
      const wins = table.columns.filter((column) => {
        const rows = rowsOf(network, table, column);
        const { equal_macs } = reportColumn({ column: column.name, kind: "energy", unit: "mJ" }, rows);
        const pair = equal_macs.find(({ group_size, groups }) => group_size.G === G && groups.g === g);
        expect(pair).toBeDefined();
        return pair?.better === "group_size";
      });
      // The paper's one exception, by 1 %: ResNeXt-50 on a P4000 with a batch of one.
      const exceptions = network === "resnext50" ? ["P4000 B1"] : [];
      const expected = table.columns.filter(({ name }) => !exceptions.includes(name));
      expect(wins.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    });
  },
);
