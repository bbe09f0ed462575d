import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "@core/registry";
import { sql } from "kysely";
import { CONCURRENCY, fill, nowMs, openOutbox, postBarely, targetsAt } from "./bench.ts";
import type { Outbox } from "./bench.ts";
import type { Receiver } from "./receiver.ts";

export interface Setting {
  readonly receiver: Receiver;
  readonly dispatcher: Dispatcher;
  /** Makes an empty database. */
  readonly place: () => Promise<{ readonly url: string } | { readonly dataDir: string }>;
  readonly deliveries: number;
}

const TARGETS = 10;
const WARM_UP = 300;

/** Deliveries per second until the last one is settled, beside those of a loop that stores nothing. */
export async function measureRate(
  setting: Setting,
): Promise<{ readonly bare: number; readonly stored: number }> {
  const { receiver, dispatcher, deliveries } = setting;
  const urls = targetsAt(
    receiver,
    Array.from({ length: TARGETS }, () => "ok"),
  );
  await postBarely(receiver, dispatcher, urls, WARM_UP);
  const bare = await postBarely(receiver, dispatcher, urls, deliveries);
  return { bare, stored: await throughOutbox(setting, urls, { untilSettled: true }) };
}

export interface Others {
  readonly alone: number;
  readonly beside: number;
  readonly early: number;
}

/** What nine targets get per second, alone and when a tenth answers in this way; the order is that of the run. */
export async function measureOthers(setting: Setting, odd: "hang" | "busy", run: number): Promise<Others> {
  const well = Array.from({ length: TARGETS - 1 }, () => "ok");
  const measureAlone = (): Promise<number> => throughOutbox(setting, targetsAt(setting.receiver, well), {});
  const before = run % 2 === 0 ? await measureAlone() : null;
  const beside = await throughOutbox(setting, targetsAt(setting.receiver, [odd, ...well]), {
    stayMs: odd === "busy" ? BUSY_MS : 0,
  });
  const early = await setting.receiver.early();
  return { alone: before ?? (await measureAlone()), beside, early };
}

/** For so long a busy receiver refuses, with so many seconds to wait each time. */
const BUSY_MS = 7_000;
const RETRY_AFTER_SECONDS = 2;

/** How many per second arrive at the targets that are well. */
async function throughOutbox(
  { receiver, dispatcher, place, deliveries }: Setting,
  urls: readonly string[],
  { untilSettled = false, stayMs = 0 }: { readonly untilSettled?: boolean; readonly stayMs?: number },
): Promise<number> {
  const outbox = await openOutbox(await place(), dispatcher);
  const each = Math.ceil(deliveries / TARGETS);
  await fill(outbox, urls, each);
  await sql`vacuum analyze`.execute(outbox.database.kysely);
  const expected = each * urls.filter((url) => url.endsWith("ok")).length;
  const arrived = receiver.expect({ expected, busyMs: stayMs, retryAfterSeconds: RETRY_AFTER_SECONDS });
  const worker = outbox.tasks.createWorker({ handlers: {}, deliveryConcurrency: CONCURRENCY });
  const begun = nowMs();
  await worker.start();
  let ended = await arrived;
  if (untilSettled) ended = await whenSettled(outbox);
  await sleep(stayMs);
  await worker.stop({ graceMs: 0 });
  await outbox.database.close();
  return (expected / (ended - begun)) * 1_000;
}

async function whenSettled({ database }: Outbox): Promise<number> {
  for (;;) {
    const open = sql<{ some: boolean }>`select exists (
      select from tasks.delivery where state in ('pending', 'sending')) as some`;
    if ((await open.execute(database.kysely)).rows[0]?.some !== true) return nowMs();
    await sleep(5);
  }
}
