import { readSweepLog } from "../../analyze/sweep-log.ts";
import { type SweepLine, type SweepRecord, settingText } from "../../analyze/sweep-record.ts";
import { UserError } from "../../support/diagnostic.ts";
import { surest } from "../sweep/surest-record.ts";
import { kindText } from "./figures.ts";
import type { CostKind, ReportData, ReportSection, SettingCost } from "./report-data.ts";

/** What a report shows of a sweep's log. Throws R131, R132, and R135 for a log without settings. */
export async function sweepData(file: string): Promise<ReportData> {
  const sections = sweepSections(await readSweepLog(file));
  if (sections.length === 0) {
    throw new UserError({
      code: "R135",
      exit: "badInput",
      title: `\`${file}\` holds no settings of a sweep`,
      why: "there is no such file, or no setting was done when it ended",
      help: ["`tilewright sweep MODEL --G 1,2,4 --board BOARD --log FILE` writes such logs"],
    });
  }
  const networks = [...new Set(sections.map(({ title }) => title))];
  return {
    title: networks.length === 1 ? networks[0] : "Sweeps",
    subtitle: "what group sizes and numbers of groups cost",
    facts: [],
    sections,
    kernels: [],
  };
}

/** A section for each network, board and kind of costs: what is of several is never in one chart. */
export function sweepSections(lines: readonly SweepLine[]): readonly ReportSection[] {
  const places = new Map<string, SweepRecord[]>();
  for (const line of lines) {
    if (line.kind !== "setting") continue;
    const place = JSON.stringify([networkOf(line), line.board, line.target, line.cost_kind, line.machine]);
    places.set(place, [...(places.get(place) ?? []), line]);
  }
  return [...places.values()].map(sectionOf);
}

/** Networks of the zoo are named with their setting. */
function networkOf({ network, setting }: SweepRecord): string {
  const ending = `-${settingText(setting).replace("=", "")}`;
  return network.endsWith(ending) ? network.slice(0, -ending.length) : network;
}

function sectionOf(records: readonly SweepRecord[]): ReportSection {
  const settings = latest(records).map(settingCost);
  const [{ board, cost_kind }] = records;
  const network = networkOf(records[0]);
  // cycles of a sweep are told as the time that they take
  const kind: CostKind = cost_kind === "modelled" ? "modelledTime" : cost_kind;
  const least = settings.reduce((a, b) => (b.cost < a.cost ? b : a));
  const { about, title } = kindText(kind);
  return {
    ...{ title: network, subtitle: `${board} \u00b7 ${title}`, kind },
    kindText: about,
    facts: [
      { label: "Settings", value: String(settings.length) },
      { label: "Costs least", value: least.setting },
      ...leastEnergy(settings),
    ],
    whole: { cost: least.cost, macs: least.macs },
    ...{ layers: [], problems: [], groups: [], tuning: [], settings },
  };
}

/** Of each setting the surest record of what compiled it last, in the order of the log. */
function latest(records: readonly SweepRecord[]): readonly SweepRecord[] {
  const bySetting = new Map<string, SweepRecord[]>();
  for (const record of records) {
    const name = settingText(record.setting);
    bySetting.set(name, [...(bySetting.get(name) ?? []), record]);
  }
  return [...bySetting.values()].flatMap((all) => {
    const { key } = all[all.length - 1];
    return surest(all.filter((record) => record.key === key)) ?? [];
  });
}

function settingCost({ setting, macs, cost, interval, verdict, energy }: SweepRecord): SettingCost {
  const { low_mJ: low, high_mJ: high } = energy ?? {};
  return {
    ...{ setting: settingText(setting), macs, cost },
    ...(setting.g !== undefined && { groups: setting.g }),
    ...(setting.G !== undefined && { groupSize: setting.G }),
    ...(interval && { interval }),
    ...(verdict && { verdict }),
    ...(energy && { energy: energy.mJ_per_frame }),
    ...(low !== undefined && high !== undefined && { energyInterval: { low, high } }),
  };
}

function leastEnergy(settings: readonly SettingCost[]): ReportSection["facts"] {
  const known = settings.filter(({ energy }) => energy !== undefined);
  if (known.length === 0) return [];
  const least = known.reduce((a, b) => ((b.energy ?? 0) < (a.energy ?? 0) ? b : a));
  return [{ label: "Takes least energy", value: least.setting }];
}
