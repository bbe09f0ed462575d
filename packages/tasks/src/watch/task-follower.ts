import type { Clock } from "@core/registry";
import type { FeedEvent, TaskFact } from "./task-event.ts";
import type { TaskStand } from "./task-stand.ts";
import { factsBetween, lastNote } from "./task-stand.ts";

/** Follows one task through what is heard and what is read of it, and says each thing once and in order. */
export interface TaskFollower {
  /** How far the task is, as far as has been said. */
  readonly stand: TaskStand;
  /** Something was heard that does not follow from what is known. */
  readonly mustLook: boolean;
  /** What is new in events that were heard. */
  follow(events: readonly FeedEvent[]): Iterable<TaskFact>;
  /** What is new in the row that was read. */
  look(row: TaskStand): Iterable<TaskFact>;
}

export function createTaskFollower(first: TaskStand, clock: Clock): TaskFollower {
  let stand = first;
  let mustLook = false;

  return {
    get stand() {
      return stand;
    },
    get mustLook() {
      return mustLook;
    },
    *follow(events) {
      for (const event of events) {
        if (event.type === "delivery.changed") continue;
        if (event.type === "gap") {
          mustLook = true;
          continue;
        }
        const { id: _, ...fact } = event;
        if (isNext(stand, fact)) {
          stand = after(stand, fact);
          yield fact;
        } else if (fact.run >= stand.run) mustLook = true;
      }
    },
    *look(row) {
      mustLook = false;
      // What was heard may not be stored yet.
      const facts = factsBetween(stand, row, new Date(clock.now()));
      const said = lastNote(stand);
      const isBehind = said.run === row.run && said.n > lastNote(row).n;
      stand = isBehind ? { ...row, progress: stand.progress, log: stand.log } : row;
      yield* facts;
    },
  };
}

function isNext(stand: TaskStand, fact: TaskFact): boolean {
  if (fact.type === "task.started") return fact.run > stand.run && stand.state === "pending";
  if (fact.run !== stand.run) return false;
  const told = lastNote(stand);
  switch (fact.type) {
    case "task.created":
      return false;
    case "task.progress":
      return stand.state === "running" && (fact.run > told.run || fact.progress.n > told.n);
    case "task.log":
      return stand.state === "running" && (fact.run > told.run || fact.line.n > told.n);
    case "task.cancelled":
      return true;
    case "task.retrying":
    case "task.waiting":
    case "task.completed":
    case "task.failed":
      return stand.state === "running" || stand.state === "waiting";
  }
}

function after(stand: TaskStand, fact: TaskFact): TaskStand {
  const { state, run, attempt } = fact;
  const next = { ...stand, state, run, attempt };
  if (fact.type === "task.progress") return { ...next, progress: fact.progress };
  if (fact.type === "task.log") return { ...next, log: [...stand.log, fact.line].slice(-1) };
  return next;
}
