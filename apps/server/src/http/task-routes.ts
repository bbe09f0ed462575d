import type { Tasks } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { withDispatchTypeHint } from "./dispatch-type-hint.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { jsonRequest } from "./json-request.ts";
import { pageSchema } from "./page-document.ts";
import { assertRunnable } from "./runnable-type.ts";
import { taskBodySchema, taskInputOf } from "./task-body.ts";
import { taskSchema, taskSummarySchema, taskWithDeliveriesSchema } from "./task-document.ts";
import { taskPath, taskPathRefusal } from "./task-path.ts";
import { taskQueryFields } from "./task-query.ts";
import { filterOf, wireRecord } from "./wire-record.ts";
import { readWireTask } from "./wire-task.ts";

export interface TaskRouteOptions {
  readonly tasks: Pick<Tasks, "enqueue" | "get" | "list">;
  /** The task types that somebody here runs. */
  readonly taskTypes: readonly string[];
  /** The dispatch types that are known here. */
  readonly dispatchTypes: readonly string[];
}

/** Making, listing and reading tasks. */
export function addTaskRoutes(app: App, { tasks, taskTypes, dispatchTypes }: TaskRouteOptions): void {
  app.openapi(createTask, async (context) => {
    const input = taskInputOf(context.req.valid("json"));
    assertRunnable(input.type ?? "agent", taskTypes, "type");
    const { task, created } = await tasks.enqueue(input).catch((error: unknown) => {
      throw withDispatchTypeHint(error, input.dispatch_type ?? "none", dispatchTypes);
    });
    context.header("location", `/api/v1/tasks/${task.id}`);
    return context.json<unknown, 200 | 201>(wireRecord(task), created ? 201 : 200);
  });

  app.openapi(listTasks, async (context) => {
    const { items, next_cursor } = await tasks.list(filterOf(context.req.valid("query")));
    return context.json<unknown, 200>({ items: items.map(wireRecord), next_cursor }, 200);
  });

  app.openapi(readTask, async (context) => {
    const { id } = context.req.valid("param");
    return context.json<unknown, 200>(await readWireTask(tasks, id), 200);
  });
}

const security = [{ apiKey: [] }];

const createTask = describeRoute({
  method: "post",
  path: "/api/v1/tasks",
  operationId: "createTask",
  summary: "Make a task",
  security,
  request: { body: jsonRequest(taskBodySchema) },
  refusal: { body: { code: "TASK_INVALID", what: "The task was not stored." } },
  responses: {
    201: jsonResponse("The task is stored.", taskSchema),
    200: jsonResponse("The task that was made with this idempotency_key before.", taskSchema),
    ...problemResponses(400, 401, 409, 413, 415, 422, 503),
  },
});

const listTasks = describeRoute({
  method: "get",
  path: "/api/v1/tasks",
  operationId: "listTasks",
  summary: "List tasks, newest first",
  description:
    "A page looks through at most 50,000 tasks, so with a rare type, queue, lane or reason it may have fewer than its limit, or none, and still a next_cursor.",
  security,
  request: { query: z.strictObject(taskQueryFields) },
  responses: {
    200: jsonResponse("A page of tasks, without what may be long.", pageSchema(taskSummarySchema)),
    ...problemResponses(400, 401, 503),
  },
});

const readTask = describeRoute({
  method: "get",
  path: "/api/v1/tasks/{id}",
  operationId: "readTask",
  summary: "Read a task with its deliveries",
  security,
  request: { params: taskPath },
  refusal: taskPathRefusal,
  responses: {
    200: jsonResponse("The task.", taskWithDeliveriesSchema),
    ...problemResponses(400, 401, 404, 503),
  },
});
