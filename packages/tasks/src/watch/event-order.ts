import type { Fact } from "./task-event.ts";

/** Keeps the events of each task in order, whichever way they came. */
export interface EventOrder {
  /** False for what comes after something later of the same task or delivery is known. */
  accepts(fact: Fact): boolean;
}

/** Of so many tasks and deliveries it is known how far they are. */
const REMEMBERED = 2_000;

/** Where an event stands within its run: what a run ends with is never left out for what the same run has done before. */
const stages: Readonly<Record<Fact["type"], number>> = {
  "task.created": 0,
  "task.started": 1,
  "task.progress": 2,
  "task.log": 2,
  "task.retrying": 3,
  "task.waiting": 3,
  "task.completed": 3,
  "task.failed": 3,
  "task.cancelled": 3,
  "delivery.changed": 3,
};

/**
 * Each process tells what it knows, and nobody waits for another: so the claim of a task may be heard of before its
 * making. What is late is left out.
 */
export function createEventOrder(): EventOrder {
  const places = new Map<string, { readonly run: number; readonly stage: number }>();

  return {
    accepts(fact) {
      const key = fact.type === "delivery.changed" ? fact.delivery_id : fact.task_id;
      const known = places.get(key);
      const place = { run: fact.run, stage: stages[fact.type] };
      if (known !== undefined && isBefore(place, known)) return false;
      places.delete(key);
      places.set(key, place);
      if (places.size > REMEMBERED) forgetOldest();
      return true;
    },
  };

  function forgetOldest(): void {
    for (const key of places.keys()) {
      places.delete(key);
      return;
    }
  }
}

function isBefore(
  one: { readonly run: number; readonly stage: number },
  other: { readonly run: number; readonly stage: number },
): boolean {
  return one.run < other.run || (one.run === other.run && one.stage < other.stage);
}
