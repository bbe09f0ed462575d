import type { RawBuilder } from "kysely";
import { sql } from "kysely";
import type { Store, TasksDb } from "../store/store.ts";
import type { FailureCode, TaskState } from "../task/task.ts";
import type { AboutTask, TaskFact, TaskLogLine, TaskNotes, TaskProgress } from "./task-event.ts";

/** How far a task is, as the database says. */
export interface TaskStand extends TaskNotes {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  readonly lane: string | null;
  readonly state: TaskState;
  readonly attempt: number;
  /** Runs so far; those that did not count too. */
  readonly run: number;
  readonly failure_code: FailureCode | null;
  readonly run_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

/** The stands of some tasks; those that do not exist are missing. `db` may be a transaction. */
export async function readStands(
  { schema }: Pick<Store, "schema">,
  db: TasksDb,
  ids: readonly string[],
): Promise<readonly TaskStand[]> {
  const { rows } = await standsQuery(schema, ids).execute(db);
  return rows;
}

/** What has come about between two stands of a task, in order. Runs that came and went in between are left out. */
export function factsBetween(before: TaskStand, now: TaskStand, at: Date): readonly TaskFact[] {
  const said = notesAfter(before, now);
  const facts = said
    .filter(({ run }) => run === before.run && run < now.run)
    .map((note) => saidOf(now, note));
  if (now.run > before.run) {
    const { run, attempt } = before;
    if (before.state === "running") facts.push(standFact({ ...now, run, attempt, state: "pending" }, at));
    facts.push(standFact({ ...now, state: "running" }, at));
  }
  facts.push(...said.filter(({ run }) => run === now.run).map((note) => saidOf(now, note)));
  const isElsewhere = now.state !== before.state || now.run > before.run;
  if (now.state !== "running" && isElsewhere) facts.push(standFact(now, at));
  return facts;
}

/** The event that leads to where a task stands. */
export function standFact(stand: TaskStand, now: Date): TaskFact {
  const about = aboutStand(stand, now);
  const { state, run_at } = stand;
  switch (state) {
    case "running":
      return { ...about, at: stand.started_at ?? now, type: "task.started", state };
    case "pending":
      return { ...about, type: stand.run === 0 ? "task.created" : "task.retrying", state, run_at };
    case "waiting":
      return { ...about, type: "task.waiting", state };
    case "complete":
      return { ...about, at: stand.finished_at ?? now, type: "task.completed", state };
    case "cancelled":
      return { ...about, at: stand.finished_at ?? now, type: "task.cancelled", state };
    case "failed": {
      const failure_code = stand.failure_code ?? "non_retryable";
      return { ...about, at: stand.finished_at ?? now, type: "task.failed", state, failure_code };
    }
  }
}

function standsQuery(schema: string, ids: readonly string[]): RawBuilder<TaskStand> {
  return sql<TaskStand>`
    select t.id, t.type, t.queue, t.lane, t.state, t.attempt, t.fence as run, t.failure_code, t.run_at, t.started_at,
      t.finished_at, b.progress, coalesce(b.log, '[]') as log
    from ${sql.id(schema, "task")} t join ${sql.id(schema, "task_body")} b on b.task_id = t.id
    where t.id = any(${[...ids]}::uuid[])`;
}

function notesAfter(before: TaskStand, now: TaskStand): readonly (TaskProgress | TaskLogLine)[] {
  const told = lastNote(before);
  return [...(now.progress === null ? [] : [now.progress]), ...now.log]
    .filter(({ run, n }) => run > told.run || (run === told.run && n > told.n))
    .toSorted((a, b) => a.run - b.run || a.n - b.n);
}

/** The newest that a task has said. */
export function lastNote({ progress, log }: TaskNotes): { readonly run: number; readonly n: number } {
  const line = log.at(-1);
  const none = { run: 0, n: 0 };
  if (progress === null || line === undefined) return progress ?? line ?? none;
  return progress.run > line.run || (progress.run === line.run && progress.n > line.n) ? progress : line;
}

function saidOf(stand: TaskStand, note: TaskProgress | TaskLogLine): TaskFact {
  const about = { ...aboutStand(stand, new Date(note.at)), run: note.run, state: "running" as const };
  return "fraction" in note
    ? { ...about, type: "task.progress", progress: note }
    : { ...about, type: "task.log", line: note };
}

function aboutStand({ id, type, queue, lane, attempt, run }: TaskStand, at: Date): AboutTask {
  return { task_id: id, at, task_type: type, queue, lane, attempt, run };
}
