import type { Schedules } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { jsonResponse, problemResponses } from "./documented-response.ts";
import { jsonRequest } from "./json-request.ts";
import { found } from "./schedule-answers.ts";
import { ruleBodySchema, withoutNulls } from "./schedule-body.ts";
import { scheduleSchema, timesSchema } from "./schedule-document.ts";
import { schedulePath, scheduleRefusal } from "./schedule-path.ts";
import { moment } from "./task-body.ts";
import { taskSchema } from "./task-document.ts";
import { wireRecord } from "./wire-record.ts";

/** Pausing, resuming and trying schedules. */
export function addScheduleActionRoutes(app: App, schedules: Schedules): void {
  addStateRoutes(app, schedules);
  addPreviewRoutes(app, schedules);
}

function addStateRoutes(app: App, schedules: Schedules): void {
  for (const [route, act] of [
    [pauseSchedule, schedules.pause],
    [resumeSchedule, schedules.resume],
  ] as const) {
    app.openapi(route, async (context) => {
      const { id } = context.req.valid("param");
      return context.json<unknown, 200>(wireRecord(found(await act(id), id)), 200);
    });
  }

  app.openapi(runSchedule, async (context) => {
    const { id } = context.req.valid("param");
    const task = found(await schedules.runNow(id), id);
    context.header("location", `/api/v1/tasks/${task.id}`);
    return context.json<unknown, 201>(wireRecord(task), 201);
  });
}

function addPreviewRoutes(app: App, schedules: Schedules): void {
  app.openapi(previewSchedule, async (context) => {
    const { id } = context.req.valid("param");
    const times = await schedules.preview(id, withoutNulls(context.req.valid("query")));
    return context.json<unknown, 200>({ times: found(times, id) }, 200);
  });

  app.openapi(previewRule, async (context) => {
    const { count, from, ...rule } = withoutNulls(context.req.valid("json"));
    const times = await schedules.preview(rule, withoutNulls({ count, from }));
    return context.json<unknown, 200>({ times }, 200);
  });
}

const security = [{ apiKey: [] }];

const pauseSchedule = describeRoute({
  method: "post",
  path: "/api/v1/schedules/{id}/pause",
  operationId: "pauseSchedule",
  summary: "Let a schedule make no tasks until it is resumed",
  security,
  request: { params: schedulePath },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("The schedule as it is now.", scheduleSchema),
    ...problemResponses(400, 401, 404, 503),
  },
});

const resumeSchedule = describeRoute({
  method: "post",
  path: "/api/v1/schedules/{id}/resume",
  operationId: "resumeSchedule",
  summary: "Go on with the next occurrence of a paused schedule",
  security,
  request: { params: schedulePath },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("The schedule as it is now.", scheduleSchema),
    ...problemResponses(400, 401, 404, 503),
  },
});

const runSchedule = describeRoute({
  method: "post",
  path: "/api/v1/schedules/{id}/run",
  operationId: "runSchedule",
  summary: "Make a task of a schedule at once, beside its rhythm",
  security,
  request: { params: schedulePath },
  refusal: scheduleRefusal,
  responses: {
    201: jsonResponse("The task.", taskSchema),
    ...problemResponses(400, 401, 404, 422, 503),
  },
});

const previewSchedule = describeRoute({
  method: "get",
  path: "/api/v1/schedules/{id}/preview",
  operationId: "previewSchedule",
  summary: "The next times of a schedule",
  security,
  request: {
    params: schedulePath,
    query: z.strictObject({
      count: z
        .string()
        .regex(/^([1-9]\d?|100)$/, "Expected a whole number from 1 to 100.")
        .transform(Number)
        .optional()
        .openapi({ description: "How many. Default: 10.", type: "integer", minimum: 1, maximum: 100 }),
      from: moment.optional().openapi({
        description: "The times after this one. Default: now.",
        type: "string",
        format: "date-time",
      }),
    }),
  },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("Its times by its rule, as if it were not paused.", timesSchema),
    ...problemResponses(400, 401, 404, 503),
  },
});

const previewRule = describeRoute({
  method: "post",
  path: "/api/v1/schedules/preview",
  operationId: "previewRule",
  summary: "The times that a rule would have, without storing it",
  security,
  request: { body: jsonRequest(ruleBodySchema) },
  refusal: scheduleRefusal,
  responses: {
    200: jsonResponse("Its times, if it were given now.", timesSchema),
    ...problemResponses(400, 401, 413, 415, 422, 503),
  },
});
