import type { Clock } from "@core/registry";
import { systemClock } from "@core/registry";
import type { FeedEvent, FeedEventType, Tasks } from "@core/tasks";
import { feedEventTypes } from "@core/tasks";
import { z } from "@hono/zod-openapi";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { problemResponses } from "./documented-response.ts";
import { eventStream } from "./event-stream.ts";

export interface EventRouteOptions {
  readonly tasks: Pick<Tasks, "events">;
  /** Aborted when the server stops. Default: never. */
  readonly closing?: AbortSignal;
  readonly clock?: Clock;
}

/** Following what happens to tasks and deliveries. */
export function addEventRoutes(app: App, options: EventRouteOptions): void {
  const { tasks, closing = new AbortController().signal, clock = systemClock } = options;
  app.openapi(readEvents, (context) => {
    // It has no body, and nobody would ever end it.
    if (context.req.method === "HEAD")
      return new Response(null, { headers: { "content-type": EVENT_STREAM } });
    const { task_id: taskId, types } = context.req.valid("query");
    const lastEventId = context.req.valid("header")["last-event-id"];
    const wants = (event: FeedEvent): boolean =>
      (types === undefined || types.includes(event.type)) &&
      (taskId === undefined || ("task_id" in event && event.task_id === taskId.toLowerCase()));
    return eventStream(context, { events: tasks.events, lastEventId, wants, closing, clock });
  });
}

const EVENT_STREAM = "text/event-stream";

/** Those that can be asked for; a gap reaches every client, as `reset`. */
const types = feedEventTypes.filter((type) => type !== "gap");

const typesQuery = z
  .string()
  .transform((text) => text.split(","))
  .refine(areTypes, `Expected a list of ${types.join(", ")}, with commas.`)
  .optional()
  .openapi({ type: "string", description: `Only these, with commas: ${types.join(", ")}. Default: all.` });

const readEvents = describeRoute({
  method: "get",
  path: "/api/v1/events",
  operationId: "readEvents",
  summary: "Follow what happens to tasks and deliveries, as server-sent events",
  security: [{ apiKey: [] }],
  request: {
    query: z.strictObject({
      task_id: z
        .uuid({ error: "A task's id is a UUID." })
        .optional()
        .openapi({ description: "Only of this task." }),
      types: typesQuery,
    }),
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description:
          "The id of the last event that was received: what happened since comes first, or `reset`.",
      }),
    }),
  },
  responses: {
    200: {
      description: "Events until somebody hangs up. After `reset` the client reads what it shows again.",
      content: { [EVENT_STREAM]: { schema: z.string() } },
    },
    ...problemResponses(400, 401),
  },
});

function areTypes(given: readonly string[]): given is readonly FeedEventType[] {
  return given.every((one) => types.some((type) => type === one));
}
