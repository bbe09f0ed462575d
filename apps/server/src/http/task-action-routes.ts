import type { Tasks } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { ProblemError } from "./problem.ts";
import { taskWithDeliveriesSchema } from "./task-document.ts";
import { taskPath, taskPathRefusal } from "./task-path.ts";
import { readWireTask, unknownTask } from "./wire-task.ts";

/** Cancelling and retrying one task. */
export function addTaskActionRoutes(app: App, tasks: Pick<Tasks, "get" | "cancel" | "retry">): void {
  app.openapi(cancelTask, async (context) => {
    const { id } = context.req.valid("param");
    const answer = await tasks.cancel(id);
    if (answer === "unknown") throw unknownTask(id);
    if (answer === "ended")
      throw new ProblemError("TASK_ENDED", `Task ${id} has ended, so there is nothing to cancel.`);
    const status = answer === "cancelled" ? 200 : 202;
    return context.json<unknown, 200 | 202>({ answer, task: await readWireTask(tasks, id) }, status);
  });

  app.openapi(retryTask, async (context) => {
    const { id } = context.req.valid("param");
    const answer = await tasks.retry(id);
    if (answer === "unknown") throw unknownTask(id);
    if (answer === "not_ended") throw new ProblemError("TASK_NOT_ENDED", notEnded(id));
    if (answer === "complete") throw new ProblemError("TASK_COMPLETE", complete(id));
    return context.json<unknown, 200>({ answer, task: await readWireTask(tasks, id) }, 200);
  });
}

const security = [{ apiKey: [] }];

const cancelTask = describeRoute({
  method: "post",
  path: "/api/v1/tasks/{id}/cancel",
  operationId: "cancelTask",
  summary: "Cancel a task that has not ended",
  security,
  request: { params: taskPath },
  refusal: taskPathRefusal,
  responses: {
    200: jsonResponse("It had not begun and never will.", answered("cancelled")),
    202: jsonResponse("It runs, and has been told to end.", answered("cancelling")),
    ...problemResponses(400, 401, 404, 409, 503),
  },
});

const retryTask = describeRoute({
  method: "post",
  path: "/api/v1/tasks/{id}/retry",
  operationId: "retryTask",
  summary: "Let a task that failed or was cancelled run again",
  description:
    "At once, with all its attempts, and behind those that wait in its lane. Its errors and deliveries stay; its new end makes a delivery of its own.",
  security,
  request: { params: taskPath },
  refusal: taskPathRefusal,
  responses: {
    200: jsonResponse("It runs again.", answered("retried")),
    ...problemResponses(400, 401, 404, 409, 503),
  },
});

function answered(answer: string): z.ZodType<unknown> {
  return z.strictObject({ answer: z.literal(answer), task: taskWithDeliveriesSchema });
}

function notEnded(id: string): string {
  return `Task ${id} has not ended, so there is nothing to retry. Cancel it first if it is to begin anew.`;
}

function complete(id: string): string {
  return `Task ${id} is complete. Make a new task to do the same again.`;
}
