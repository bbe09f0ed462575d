import type { JsonValue, Logger } from "@core/registry";
import { placeInFamilies } from "./family.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "./claimed-task.ts";
import type { TaskEnd } from "./task-end.ts";
import type { TaskMakerOptions } from "./task-maker.ts";
import { makeTask } from "./task-maker.ts";
import { messageOf } from "../thrown-value.ts";
import type { FailureCode, Task, TaskError, TaskInput } from "./task.ts";

/** How a task has ended, for those who say what follows. */
export type EndOfTask =
  | { readonly state: "complete"; readonly result: JsonValue }
  | { readonly state: "failed"; readonly failure_code: FailureCode; readonly error: TaskError };

/**
 * Says which tasks follow the end of a task, such as a callback for whoever asked for it. They are stored in the
 * transaction of that end, whatever its result holds: all or none of both.
 */
export type FollowUps = (task: Task, end: EndOfTask) => readonly TaskInput[] | Promise<readonly TaskInput[]>;

/** Makes the new tasks that are stored together with an end of a run. */
export interface TasksOfEnds {
  /**
   * The children that a task waits for from now on.
   * @throws TasksError TASK_INVALID and as `enqueue`
   */
  withChildren(claimed: ClaimedTask, end: TaskEnd, children: readonly TaskInput[]): Promise<TaskEnd>;
  /** What follows the end of a task; never rejects. Null: nothing follows ends. */
  readonly withFollowUps: ((claimed: ClaimedTask, end: TaskEnd) => Promise<TaskEnd>) | null;
}

export interface TasksOfEndsOptions {
  readonly store: Store;
  readonly making: TaskMakerOptions;
  readonly followUps: FollowUps | undefined;
  readonly logger: Logger;
}

export function createTasksOfEnds({ store, making, followUps, logger }: TasksOfEndsOptions): TasksOfEnds {
  return {
    withChildren: ({ task }, end, children) =>
      add(
        end,
        children.map((input) => ({ ...input, parent_task_id: task.id })),
      ),
    withFollowUps: followUps === undefined ? null : (claimed, end) => follow(followUps, claimed, end),
  };

  async function follow(ask: FollowUps, { task }: ClaimedTask, end: TaskEnd): Promise<TaskEnd> {
    const told = endOfTask(end);
    if (told === null) return end;
    try {
      return await add(end, await ask(task, told));
    } catch (error) {
      logger.error(
        { err: error, task_id: task.id },
        "What follows the task could not be made; it ends alone.",
      );
      return { ...end, error: end.error ?? withoutFollowUps(task, error) };
    }
  }

  async function add(end: TaskEnd, inputs: readonly TaskInput[]): Promise<TaskEnd> {
    if (inputs.length === 0) return end;
    const made = await Promise.all(inputs.map((input) => makeTask(making, input, {})));
    return { ...end, tasks: await placeInFamilies(store, store.run, made) };
  }
}

function endOfTask({ state, content = null, failure_code: code, error }: TaskEnd): EndOfTask | null {
  if (state === "complete") return { state, result: content };
  if (state !== "failed" || code === undefined || error === undefined) return null;
  return { state, failure_code: code, error };
}

function withoutFollowUps({ attempt }: Task, error: unknown): TaskError {
  return { attempt, at: new Date().toISOString(), code: "follow_ups_failed", message: messageOf(error) };
}
