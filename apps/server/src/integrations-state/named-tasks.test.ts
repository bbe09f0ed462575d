import type { JsonObject, JsonValue } from "@core/registry";
import { expect, it } from "vitest";
import { namedTasks } from "./named-tasks.ts";

it.each<[JsonValue, readonly string[]]>([
  [{ task_id: "a", id: "of something else" }, ["a"]],
  [{ id: "a" }, ["a"]],
  [{ task: { id: "a" } }, ["a"]],
  [{ tasks: ["a", { id: "b" }, { task_id: "c" }, 4, null] }, ["a", "b", "c"]],
  [{ task_ids: ["a", "b", "a", ""] }, ["a", "b"]],
  [{ id: "", tasks: "x" }, ["given"]],
  ["a text", ["given"]],
  [null, ["given"]],
  [["a"], ["given"]],
])("a result %j names %j, and where it names none, the arguments do", (result, ids) => {
  expect(namedTasks({ task_id: "given" }, result)).toEqual(ids);
});

it("nothing is named where nothing is said", () => {
  const args: JsonObject = { title: "x" };
  expect(namedTasks(args, { ok: true })).toEqual([]);
});
