import { z } from "zod";
import { plainText } from "../../device/plain-text.ts";
import { contentKey } from "../../support/stable.ts";
import { type Place, recordName, tunePlace } from "../tune/tune-record.ts";
import { healthSchema } from "./board-health.ts";
import type { DeskAbout } from "./desk.ts";
import { type QueueLink, unlessLost } from "./open-queue.ts";

/** Desks that are listened to: of more nobody has a use. */
const MOST_DESKS = 1000;
const LONGEST = 64 * 1024;

const announced = z.object({
  version: z.literal(1),
  id: recordName,
  /** Who serves it: user, machine, process. */
  worker: recordName,
  build: recordName,
  targetKey: recordName,
  board: recordName.optional(),
  places: z.array(tunePlace).min(1).max(16),
  kind: z.record(recordName, recordName).optional(),
  slots: z.int().min(1).max(1024),
  /** Jobs under way. */
  busy: z.int().min(0),
  /** Why the board gets no jobs. */
  quarantine: z.string().max(2000).optional(),
  health: healthSchema.optional(),
  /** When that was, in milliseconds since 1970. */
  checked: z.number().min(0).optional(),
  /** When it began to serve, in milliseconds since 1970. */
  since: z.number().min(0),
  done: z.int().min(0),
});
/** What a worker tells of a desk of its own. */
export type Announced = z.infer<typeof announced>;

/** The queue of a desk's jobs: those of equal ones go to whichever is free. */
export function queueName({
  build,
  targetKey,
  places,
}: Pick<DeskAbout, "build" | "targetKey" | "places">): string {
  return `tune-${contentKey({ build, targetKey, places }).slice(0, 24)}`;
}

/** Tells of a desk, for so long. */
export async function announce(link: QueueLink, desk: Announced, forMs: number): Promise<void> {
  await unlessLost(link, link.store.put("desk", desk.id, JSON.stringify(desk), forMs));
}

export function withdraw({ store }: QueueLink, id: string): Promise<void> {
  return store.remove("desk", id);
}

/** The desks that are served now, in the order of their names. What is no announcement is left out. */
export async function listDesks(link: QueueLink): Promise<readonly Announced[]> {
  return (await unlessLost(link, link.store.list("desk", MOST_DESKS))).flatMap(readAnnounced);
}

function readAnnounced(text: string): readonly Announced[] {
  if (text.length > LONGEST) return [];
  try {
    return [announced.parse(JSON.parse(plainText(text)))];
  } catch {
    return [];
  }
}

/** What somebody looks for a desk for. */
export interface WantedDesk {
  readonly build: string;
  readonly targetKey: string;
  /** Absent: the model of the target's core. */
  readonly board?: string | undefined;
  /** Name of the instruction set. */
  readonly isa: string;
  readonly threads: number;
}

/** Of desks that fit, the place that most can work for; undefined: none fits. */
export function placeServed(
  desks: readonly Announced[],
  wanted: WantedDesk,
): { readonly place: Place; readonly queue: string } | undefined {
  const fitting = new Map<string, { place: Place; slots: number }>();
  for (const desk of desks) {
    const place = desk.places.find(({ isa }) => isa === wanted.isa);
    if (place === undefined || whyUnfit(desk, wanted) !== undefined) continue;
    const queue = queueName(desk);
    fitting.set(queue, { place, slots: (fitting.get(queue)?.slots ?? 0) + desk.slots });
  }
  const [best] = [...fitting].sort(([a, x], [b, y]) => y.slots - x.slots || (a < b ? -1 : 1));
  return best && { queue: best[0], place: best[1].place };
}

/** Why a desk cannot do what is wanted; undefined where it can. */
export function whyUnfit(
  desk: Announced,
  { build, targetKey, board, isa, threads }: WantedDesk,
): string | undefined {
  const served = servedName(desk);
  if (served !== board) return served === undefined ? "it has no board" : `it serves \`${served}\``;
  if (desk.targetKey !== targetKey) return `it is for ${desk.places[0]?.target ?? "another target"}`;
  if (desk.build !== build) return "it is another build of Tilewright";
  const place = desk.places.find((one) => one.isa === isa);
  if (place === undefined) return `it compiles for ${desk.places.map((one) => one.isa).join(", ")}`;
  if (place.threads !== threads) return `it measures with --threads ${place.threads}`;
  return undefined;
}

/** What a desk's board is asked for as: its own name, or that of equal ones; undefined for a model. */
export function servedName({ board, places }: Pick<Announced, "board" | "places">): string | undefined {
  return board === undefined ? undefined : places[0]?.board;
}
