import type { NextOccurrence } from "./rhythm.ts";
import type { Schedule } from "./schedule.ts";

const GRACE_MS = 60_000;

/** True when an occurrence is more than a minute overdue. */
export function isMissed(occurrence: Date, now: Date): boolean {
  return now.getTime() - occurrence.getTime() > GRACE_MS;
}

type Due = Pick<Schedule, "missed" | "max_missed"> & {
  /** The first one that nobody has come to yet. */
  readonly next_at: Date;
};

/** The occurrences up to `now` that get a task, oldest first, as the policy says for those that were missed. */
export function dueOccurrences(next: NextOccurrence, due: Due, now: Date): readonly Date[] {
  const { next_at, missed, max_missed } = due;
  if (!isMissed(next_at, now)) return between(next, next_at, now);
  const graceFrom = new Date(now.getTime() - GRACE_MS);
  const inTime = between(next, next(before(graceFrom)), now);
  if (missed === "skip") return inTime;
  const kept = missed === "run_once" ? 1 : max_missed;
  const all = [...newestBefore(next, next_at, graceFrom, kept), ...inTime];
  return missed === "run_once" ? all.slice(-1) : all;
}

/**
 * The newest `count` from `first` on that lie before `end`. It looks back no further than it must, since an outage of
 * a week holds many seconds.
 */
function newestBefore(next: NextOccurrence, first: Date, end: Date, count: number): readonly Date[] {
  for (let spanMs = GRACE_MS; ; spanMs *= 2) {
    const begin = new Date(end.getTime() - spanMs);
    const found = between(next, begin <= first ? first : next(before(begin)), before(end));
    if (found.length >= count || begin <= first) return found.slice(-count);
  }
}

/** From one occurrence up to a moment. */
function between(next: NextOccurrence, from: Date | null, until: Date): readonly Date[] {
  const found: Date[] = [];
  for (let at = from; at !== null && at <= until; at = next(at)) found.push(at);
  return found;
}

/** A moment's last millisecond before: what comes after it may come at the moment itself. */
function before(moment: Date): Date {
  return new Date(moment.getTime() - 1);
}
