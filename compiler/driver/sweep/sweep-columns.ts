import { countLayers } from "../../analyze/count-network.ts";
import type { EnergyTable } from "../../analyze/energy-table.ts";
import { frameCosts, imbalance } from "../../analyze/frame-costs.ts";
import { boardsOfRecords, costUnit, type SweepRecord, type SweepRow } from "../../analyze/sweep-record.ts";
import { type ColumnReport, reportColumn } from "../../analyze/sweep-report.ts";
import type { SweepModel } from "./sweep-model.ts";

/** What a sweep found: a column of costs, and one of energies where every setting has its own. */
export function sweepColumns(records: readonly SweepRecord[]): ColumnReport[] {
  const [first] = records;
  if (first === undefined) return [];
  const row = (record: SweepRecord, cost: number): SweepRow => ({
    ...record,
    imbalance: imbalance(record.layers),
    cost,
  });
  const kind = first.cost_kind;
  const boards = boardsOfRecords(records).join(", ");
  const time = reportColumn(
    { column: boards, kind, unit: costUnit(kind) },
    records.map((record) => row(record, record.cost)),
  );
  const energies = records.map(({ energy }) => energy?.mJ_per_frame);
  if (energies.some((e) => e === undefined)) return [time];
  const rows = records.map((record, i) => ({
    ...row(record, energies[i] ?? 0),
    interval: energyInterval(record),
  }));
  const times = kind === "measured" ? records.map(({ cost }) => cost) : undefined;
  return [time, reportColumn({ column: `${boards} energy`, kind: "energy", unit: "mJ" }, rows, times)];
}

function energyInterval({ energy }: SweepRecord): SweepRow["interval"] {
  if (energy?.low_mJ === undefined || energy.high_mJ === undefined) return undefined;
  return { low: energy.low_mJ, high: energy.high_mJ };
}

/** Settings of a table, with what the network costs there, and a report of each column. */
export async function tableColumns(
  model: SweepModel,
  table: EnergyTable,
): Promise<{ readonly rows: readonly SweepRow[]; readonly columns: readonly ColumnReport[] }> {
  const counted = await Promise.all(
    table.rows.map(async ({ setting, energies }) => ({
      setting,
      energies,
      layers: countLayers(await model.build(setting, true)),
    })),
  );
  const columns = table.columns.map(({ name, batch }) => {
    const rows = counted.flatMap(({ setting, energies, layers }) => {
      const cost = energies.get(name);
      return cost === undefined ? [] : [{ setting, ...frameCosts(layers, batch), cost }];
    });
    return reportColumn({ column: name, kind: "energy", unit: "mJ" }, rows);
  });
  return {
    rows: counted.map(({ setting, layers }) => ({ setting, ...frameCosts(layers), cost: 0 })),
    columns,
  };
}
