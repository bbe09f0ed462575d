import type { CancelAnswer, RetryAnswer } from "@core/tasks";
import { describe, expect, test } from "vitest";
import { createFakeTasks } from "../testing/fake-tasks.ts";
import type { TestApp } from "../testing/test-app.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";
import { taskWithDeliveriesSchema } from "./task-document.ts";

/** An API with one task, whose actions answer as told. */
async function appAnswering(
  answers: { readonly cancel?: CancelAnswer; readonly retry?: RetryAnswer } = {},
): Promise<TestApp & { readonly path: string }> {
  const { cancel = "cancelled", retry = "retried" } = answers;
  const tasks = { ...createFakeTasks(), cancel: async () => cancel, retry: async () => retry };
  const api = createTestApp({ tasks });
  const { id } = (await (await api.post("/api/v1/tasks", { prompt: "Hello" })).json()) as { id: string };
  return { ...api, path: `/api/v1/tasks/${id}` };
}

describe("acting on a task", () => {
  test.each([
    [{ cancel: "cancelled" }, "cancel", 200],
    [{ cancel: "cancelling" }, "cancel", 202],
    [{ retry: "retried" }, "retry", 200],
  ] as const)("%j is answered with the task", async (answers, action, status) => {
    const { post, path } = await appAnswering(answers);
    const response = await post(`${path}/${action}`, {});
    const body = (await response.json()) as { answer: string; task: unknown };
    expect([response.status, body.answer]).toEqual([status, Object.values(answers)[0]]);
    expect(taskWithDeliveriesSchema.safeParse(body.task).error).toBeUndefined();
  });

  test.each([
    [{ cancel: "ended" }, "cancel", 409, "TASK_ENDED"],
    [{ cancel: "unknown" }, "cancel", 404, "TASK_NOT_FOUND"],
    [{ retry: "not_ended" }, "retry", 409, "TASK_NOT_ENDED"],
    [{ retry: "complete" }, "retry", 409, "TASK_COMPLETE"],
    [{ retry: "unknown" }, "retry", 404, "TASK_NOT_FOUND"],
  ] as const)("%j is refused with a code", async (answers, action, status, code) => {
    const { post, path } = await appAnswering(answers);
    const response = await post(`${path}/${action}`, {});
    expect([response.status, (await problemOf(response)).code]).toEqual([status, code]);
  });

  test("needs no body, and an id that is one", async () => {
    const { app, path } = await appAnswering();
    const request = { method: "POST", headers: { authorization: "Bearer test-key" } };
    expect((await app.request(`${path}/cancel`, request)).status).toBe(200);
    expect((await app.request("/api/v1/tasks/42/cancel", request)).status).toBe(400);
  });
});
