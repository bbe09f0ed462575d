import type { DeliveryState } from "../delivery/delivery-record.ts";
import type { FailureCode } from "../task/task.ts";
import type { Fact, TaskFact, TaskLogLine, TaskProgress } from "./task-event.ts";
import { factTypes } from "./task-event.ts";

/** What processes tell each other through the database. */
export interface Message {
  /** Who says it. */
  readonly from: string;
  /** I listen. */
  readonly here?: true;
  /** Does anybody listen? */
  readonly ask?: true;
  /** Something is missing before these facts. */
  readonly gap?: true;
  readonly facts: readonly Fact[];
}

/** A fact as a list, since there is little room: what most have in common by its place, the rest at the end. */
type FactRow = readonly [
  type: number,
  id: string,
  at: number,
  run: number,
  attempt: number,
  ...rest: readonly unknown[],
];

/** A message of rows that are JSON already. */
export function encodeMessage(
  { from, here, ask, gap }: Omit<Message, "facts">,
  rows: readonly string[],
): string {
  const head = JSON.stringify({ from, here, ask, gap }).slice(0, -1);
  return rows.length === 0 ? `${head}}` : `${head},"facts":[${rows.join(",")}]}`;
}

export function encodeFact(fact: Fact): string {
  const { type, at, run, attempt } = fact;
  const id = type === "delivery.changed" ? fact.delivery_id : fact.task_id;
  const head: FactRow = [factTypes.indexOf(type), id, at.getTime(), run, attempt];
  const rest =
    type === "delivery.changed"
      ? [fact.task_id, fact.state]
      : [fact.task_type, fact.queue, fact.lane, ...detailOf(fact)];
  return JSON.stringify([...head, ...rest]);
}

/** Null for what is no message, which somebody else may have put on the channel. */
export function decodeMessage(text: string): Message | null {
  try {
    const { facts = [], ...head } = JSON.parse(text) as Omit<Message, "facts"> & {
      readonly facts?: readonly FactRow[];
    };
    if (typeof head.from !== "string") return null;
    return { ...head, facts: facts.flatMap((row) => decodeFact(row) ?? []) };
  } catch {
    return null;
  }
}

function detailOf(fact: TaskFact): readonly unknown[] {
  switch (fact.type) {
    case "task.created":
    case "task.retrying":
      return [fact.run_at.getTime()];
    case "task.progress":
      return [fact.progress];
    case "task.log":
      return [fact.line];
    case "task.failed":
      return [fact.failure_code];
    case "task.started":
    case "task.waiting":
    case "task.completed":
    case "task.cancelled":
      return [];
  }
}

/** Null for a type that only a newer version knows. */
function decodeFact([place, id, atMs, run, attempt, ...rest]: FactRow): Fact | null {
  const type = factTypes[place];
  const at = new Date(atMs);
  if (type === undefined) return null;
  if (type === "delivery.changed") {
    const [taskId, state] = rest as [string | null, DeliveryState];
    return { type, at, delivery_id: id, task_id: taskId, state, attempt, run };
  }
  const [taskType, queue, lane, detail] = rest as [string, string, string | null, unknown];
  const about = { task_id: id, at, task_type: taskType, queue, lane, attempt, run };
  switch (type) {
    case "task.created":
    case "task.retrying":
      return { ...about, type, state: "pending", run_at: new Date(detail as number) };
    case "task.progress":
      return { ...about, type, state: "running", progress: detail as TaskProgress };
    case "task.log":
      return { ...about, type, state: "running", line: detail as TaskLogLine };
    case "task.failed":
      return { ...about, type, state: "failed", failure_code: detail as FailureCode };
    case "task.started":
      return { ...about, type, state: "running" };
    case "task.waiting":
      return { ...about, type, state: "waiting" };
    case "task.completed":
      return { ...about, type, state: "complete" };
    case "task.cancelled":
      return { ...about, type, state: "cancelled" };
  }
}
