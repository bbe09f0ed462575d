import { canonicalJson } from "../store/canonical-json.ts";
import { isDuplicate } from "../store/database-fault.ts";
import { kyselyRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { Transaction } from "kysely";
import type { Rhythm } from "./rhythm.ts";
import { occurrencesOf } from "./rhythm.ts";
import type { ScheduleDeps } from "./schedule-creation.ts";
import { nameTaken } from "./schedule-creation.ts";
import type { ScheduleContent } from "./schedule-input.ts";
import { scheduleContent } from "./schedule-input.ts";
import { readSchedule, scheduleNow, scheduleOf, writeSchedule } from "./schedule-storage.ts";
import { assertTemplate } from "./schedule-template.ts";
import type { Schedule, ScheduleChanges, ScheduleInput, ScheduleRow } from "./schedule.ts";

const REFUSAL = "The schedule was not changed.";

/** Changes what is given; a new rule plans anew from now on. */
export async function updateSchedule(
  { store, making }: ScheduleDeps,
  id: string,
  changes: ScheduleChanges,
): Promise<Schedule | null> {
  try {
    return await change(store, id, async (row, now, trx) => {
      const content = scheduleContent(changedInput(row, changes), REFUSAL);
      if (changes.task !== undefined) await assertTemplate(making, content.task, REFUSAL, trx);
      return planned({ ...row, ...content }, row, now);
    });
  } catch (error) {
    throw isDuplicate(error) ? nameTaken(changes.name ?? null, REFUSAL) : error;
  }
}

export function pauseSchedule(store: Store, id: string): Promise<Schedule | null> {
  return change(store, id, (row, now) => ({ ...row, paused_at: row.paused_at ?? now, next_at: null }));
}

export function resumeSchedule(store: Store, id: string): Promise<Schedule | null> {
  return change(store, id, (row, now) =>
    row.paused_at === null ? row : { ...row, paused_at: null, next_at: nextAfter(row, now) },
  );
}

type Change = (row: ScheduleRow, now: Date, trx: Transaction<unknown>) => ScheduleRow | Promise<ScheduleRow>;

async function change(store: Store, id: string, how: Change): Promise<Schedule | null> {
  return store.database.kysely.transaction().execute(async (trx) => {
    const run = kyselyRunner(trx);
    const row = await readSchedule(store, run, { id }, "locked");
    if (row === null) return null;
    const now = await scheduleNow(store, run);
    const written = await writeSchedule(store, run, await how(row, now, trx));
    return written && scheduleOf(written);
  });
}

/** The whole input with its changes; one kind of rule takes the place of the other. */
function changedInput(row: ScheduleRow, changes: ScheduleChanges): ScheduleInput {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const former: Partial<ScheduleContent> = contentOf(row);
  if (changes.every !== undefined) Object.assign(former, { cron: null, timezone: null });
  if (changes.cron !== undefined) Object.assign(former, { every: null });
  const fields = Object.entries({ ...former, ...Object.fromEntries(given) });
  return Object.fromEntries(fields.filter(([, value]) => value !== null)) as unknown as ScheduleInput;
}

function contentOf(row: ScheduleRow): ScheduleContent {
  const { name, every, cron, timezone, starts_at, ends_at, missed, max_missed, task } = row;
  return { name, every, cron, timezone, starts_at, ends_at, missed, max_missed, task };
}

function planned(row: ScheduleRow, former: ScheduleRow, now: Date): ScheduleRow {
  if (ruleText(row) === ruleText(former)) return row;
  const keepsItsGrid = row.every === former.every && Number(row.starts_at) === Number(former.starts_at);
  const anchored = { ...row, anchor_at: keepsItsGrid ? row.anchor_at : (row.starts_at ?? now) };
  return { ...anchored, next_at: row.paused_at === null ? nextAfter(anchored, now) : null };
}

function ruleText({ every, cron, timezone, starts_at, ends_at }: Rhythm): string {
  return canonicalJson({ every, cron, timezone, starts_at, ends_at });
}

/** An occurrence that has been come to does not come again, also when somebody turns the clock back. */
function nextAfter(row: ScheduleRow, now: Date): Date | null {
  return occurrencesOf(row)(row.last_at !== null && row.last_at > now ? row.last_at : now);
}
