import type { JsonObject } from "@core/registry";
import type { DeliveryState } from "../delivery/delivery-record.ts";
import type { FailureCode } from "../task/task.ts";

/** Something that has happened, at its place in the feed of this process. */
export type FeedEvent = TaskEvent | DeliveryEvent | GapEvent;

/** Something that has happened to a task. */
export type TaskEvent = Placed & TaskFact;

/** A delivery has another state. */
export type DeliveryEvent = Placed & DeliveryFact;

/** More has happened than can be told, or news were lost: look at what you show again. */
export type GapEvent = Placed & { readonly type: "gap"; readonly at: Date };

/** Where an event stands in the feed; give it to `since`. */
interface Placed {
  readonly id: string;
}

/** What has happened to a task, without a place in a feed. Never what it was given or what came of it. */
export type TaskFact = AboutTask &
  (
    | { readonly type: "task.created"; readonly state: "pending"; readonly run_at: Date }
    | { readonly type: "task.started"; readonly state: "running" }
    | { readonly type: "task.progress"; readonly state: "running"; readonly progress: TaskProgress }
    | { readonly type: "task.log"; readonly state: "running"; readonly line: TaskLogLine }
    /** It runs again, at `run_at` at the earliest: after a failure, a lost lease or a clean stop. */
    | { readonly type: "task.retrying"; readonly state: "pending"; readonly run_at: Date }
    | { readonly type: "task.waiting"; readonly state: "waiting" }
    | { readonly type: "task.completed"; readonly state: "complete" }
    | { readonly type: "task.failed"; readonly state: "failed"; readonly failure_code: FailureCode }
    | { readonly type: "task.cancelled"; readonly state: "cancelled" }
  );

/** What every event of a task says. */
export interface AboutTask {
  readonly task_id: string;
  readonly at: Date;
  readonly task_type: string;
  readonly queue: string;
  readonly lane: string | null;
  /** Runs that have begun and count. */
  readonly attempt: number;
  /** Rises with every run, also with those that do not count; 0 before the first one. */
  readonly run: number;
}

interface DeliveryFact {
  readonly type: "delivery.changed";
  readonly at: Date;
  readonly delivery_id: string;
  readonly task_id: string | null;
  readonly state: DeliveryState;
  readonly attempt: number;
  readonly run: number;
}

/** The newest that a run has said of how far it is. */
export interface TaskProgress extends Saying {
  /** From 0 to 1; null: nobody knows. */
  readonly fraction: number | null;
  readonly message: string | null;
}

/** A line that a run has written; at most 1,000 characters with its fields. */
export interface TaskLogLine extends Saying {
  readonly message: string;
  readonly fields?: JsonObject;
}

interface Saying {
  /** The run that said it, as in the events. */
  readonly run: number;
  /** Counts what the run has said, from 1. */
  readonly n: number;
  readonly at: string;
}

/** What a task has said of itself while it ran. */
export interface TaskNotes {
  readonly progress: TaskProgress | null;
  /** The newest hundred lines, oldest first. */
  readonly log: readonly TaskLogLine[];
}

export type Fact = TaskFact | DeliveryFact;

export type FeedEventType = FeedEvent["type"];

/** In an order that never changes, since processes tell each other the places in it. */
export const factTypes: readonly Fact["type"][] = [
  "task.created",
  "task.started",
  "task.progress",
  "task.log",
  "task.retrying",
  "task.waiting",
  "task.completed",
  "task.failed",
  "task.cancelled",
  "delivery.changed",
];

/** Every type that an event of the feed may have. */
export const feedEventTypes: readonly FeedEventType[] = [...factTypes, "gap"];
