import type { Schedule, Schedules } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { jsonRequest } from "./json-request.ts";
import { pageSchema } from "./page-document.ts";
import { pageFields } from "./page-query.ts";
import { assertRunnable } from "./runnable-type.ts";
import { found } from "./schedule-answers.ts";
import {
  scheduleBodySchema,
  scheduleChangesOf,
  scheduleChangesSchema,
  scheduleInputOf,
  withoutNulls,
} from "./schedule-body.ts";
import { scheduleSchema } from "./schedule-document.ts";
import { schedulePath, scheduleRefusal } from "./schedule-path.ts";
import { maskedTarget, wireRecord } from "./wire-record.ts";

export interface ScheduleRouteOptions {
  readonly schedules: Schedules;
  /** The task types that somebody here runs. */
  readonly taskTypes: readonly string[];
}

/** Making, listing, reading, changing and deleting schedules. */
export function addScheduleRoutes(app: App, options: ScheduleRouteOptions): void {
  addWritingRoutes(app, options);
  addReadingRoutes(app, options.schedules);
}

function addWritingRoutes(app: App, { schedules, taskTypes }: ScheduleRouteOptions): void {
  app.openapi(createSchedule, async (context) => {
    const input = scheduleInputOf(context.req.valid("json"));
    assertRunnable(input.task.type ?? "agent", taskTypes, "task.type");
    const { schedule, created } = await schedules.create(input);
    context.header("location", `/api/v1/schedules/${schedule.id}`);
    return context.json<unknown, 200 | 201>(wireRecord(schedule), created ? 201 : 200);
  });

  app.openapi(changeSchedule, async (context) => {
    const { id } = context.req.valid("param");
    const changes = scheduleChangesOf(context.req.valid("json"));
    if (changes.task !== undefined) assertRunnable(changes.task.type ?? "agent", taskTypes, "task.type");
    const schedule = found(await schedules.update(id, changes), id);
    return context.json<unknown, 200>(wireRecord(schedule), 200);
  });

  app.openapi(deleteSchedule, async (context) => {
    const { id } = context.req.valid("param");
    found((await schedules.delete(id)) || null, id);
    return context.body(null, 204);
  });
}

function addReadingRoutes(app: App, schedules: Schedules): void {
  app.openapi(listSchedules, async (context) => {
    const { items, next_cursor } = await schedules.list(withoutNulls(context.req.valid("query")));
    return context.json<unknown, 200>({ items: items.map(listed), next_cursor }, 200);
  });

  app.openapi(readSchedule, async (context) => {
    const { id } = context.req.valid("param");
    return context.json<unknown, 200>(wireRecord(found(await schedules.get(id), id)), 200);
  });
}

const security = [{ apiKey: [] }];

const createSchedule = describeRoute({
  method: "post",
  path: "/api/v1/schedules",
  operationId: "createSchedule",
  summary: "Make a schedule",
  security,
  request: { body: jsonRequest(scheduleBodySchema) },
  refusal: scheduleRefusal,
  responses: {
    201: jsonResponse("The schedule is stored.", scheduleSchema),
    200: jsonResponse("The schedule that was made with this name and content before.", scheduleSchema),
    ...problemResponses(400, 401, 409, 413, 415, 422, 503),
  },
});

const listSchedules = describeRoute({
  method: "get",
  path: "/api/v1/schedules",
  operationId: "listSchedules",
  summary: "List schedules, newest first",
  security,
  request: { query: z.strictObject(pageFields) },
  responses: {
    200: jsonResponse(
      "A page of schedules; URLs in their targets are shortened.",
      pageSchema(scheduleSchema),
    ),
    ...problemResponses(400, 401, 503),
  },
});

const readSchedule = describeRoute({
  method: "get",
  path: "/api/v1/schedules/{id}",
  operationId: "readSchedule",
  summary: "Read a schedule",
  security,
  request: { params: schedulePath },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("The schedule.", scheduleSchema),
    ...problemResponses(400, 401, 404, 503),
  },
});

const changeSchedule = describeRoute({
  method: "patch",
  path: "/api/v1/schedules/{id}",
  operationId: "changeSchedule",
  summary: "Change fields of a schedule; a new rule plans anew from now on",
  security,
  request: {
    params: schedulePath,
    body: jsonRequest(scheduleChangesSchema),
  },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("The schedule as it is now.", scheduleSchema),
    ...problemResponses(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const deleteSchedule = describeRoute({
  method: "delete",
  path: "/api/v1/schedules/{id}",
  operationId: "deleteSchedule",
  summary: "Delete a schedule; tasks that it has made stay",
  security,
  request: { params: schedulePath },
  refusal: scheduleRefusal,
  responses: {
    204: { description: "It is gone." },
    ...problemResponses(400, 401, 404, 503),
  },
});

/** In a list the target is shortened, as with deliveries. */
function listed(schedule: Schedule): object {
  const { dispatch_config: target, ...task } = schedule.task;
  const shown = target === undefined ? task : { ...task, dispatch_config: maskedTarget(target) };
  return { ...wireRecord(schedule), task: shown };
}
