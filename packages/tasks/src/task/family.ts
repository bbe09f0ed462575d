import { invalidInput } from "../errors.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { NewTask } from "./task-row.ts";

/** A task without a parent is at depth 0. */
export const DEEPEST = 20;

interface Place {
  readonly id: string;
  readonly lane: string | null;
  readonly root_task_id: string | null;
  readonly depth: number | null;
}

/**
 * Gives children their place: their root, their depth, and a lane in which they need not wait for their parent.
 * @throws TasksError TASK_INVALID when a parent does not exist or the family becomes too deep
 */
export async function placeInFamilies(
  store: Store,
  run: SqlRunner,
  tasks: readonly NewTask[],
): Promise<readonly NewTask[]> {
  const children = tasks.flatMap(({ id, lane, input: { parent_task_id: parent } }) =>
    parent === undefined ? [] : [{ id, lane, parent }],
  );
  if (children.length === 0) return tasks;
  const text = `select * from ${store.name("family_1")}($1::text::json)`;
  const places = await run<Place>(text, [JSON.stringify(children)]);
  const placed = new Map(places.map((place) => [place.id, place]));
  return tasks.map((task) => {
    const place = placed.get(task.id);
    return place === undefined ? task : { ...task, lane: place.lane, family: familyOf(task, place) };
  });
}

function familyOf(task: NewTask, { root_task_id: root, depth }: Place): NonNullable<NewTask["family"]> {
  const parent = task.input.parent_task_id;
  if (root === null || depth === null)
    throw refused(`There is no task ${parent}. Give the id of a task that exists.`);
  if (depth > DEEPEST) {
    throw refused(
      `Task ${parent} is ${DEEPEST} levels below its root, and families go no deeper. End the chain here.`,
    );
  }
  return { root, depth };
}

function refused(message: string): Error {
  return invalidInput("TASK_INVALID", [{ field: "parent_task_id", message }]);
}
