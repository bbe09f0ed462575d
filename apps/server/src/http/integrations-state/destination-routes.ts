import type { DestinationInput } from "@core/integrations-state";
import { z } from "@hono/zod-openapi";
import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { jsonRequest } from "../json-request.ts";
import { ProblemError } from "../problem.ts";
import type { ServedIntegrations } from "./served-integrations.ts";
import { destinationSchema } from "./state-documents.ts";

/** Listing, keeping and deleting the named places of notifications. */
export function addDestinationRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(listDestinations, async (context) =>
    context.json<unknown, 200>({ items: await integrations.listDestinations() }, 200),
  );

  app.openapi(setDestination, async (context) => {
    const { name } = context.req.valid("param");
    const answer = await integrations.setDestination({ ...context.req.valid("json"), name });
    return context.json<unknown, 200 | 201>(answer, answer.created ? 201 : 200);
  });

  app.openapi(deleteDestination, async (context) => {
    const { name } = context.req.valid("param");
    const { removed } = await integrations.deleteDestination(name);
    if (!removed) throw notFound(name);
    return context.body(null, 204);
  });
}

const security = [{ apiKey: [] }];
const params = z.object({ name: z.string() });

const destinationBody = z.strictObject({
  channel: z.string().openapi({ description: "It cannot change.", example: "webhook" }),
  url: z.string().openapi({
    description: "The incoming webhook of the service; of email `mailto:` and the address. Shown nowhere.",
  }),
  is_default: z.boolean().optional().openapi({
    description:
      "Where notifications of the channel go that name none. Default: true for its first, else unchanged.",
  }),
});

const answerSchema = z.strictObject({ created: z.boolean(), destination: destinationSchema });

const listDestinations = describeRoute({
  method: "get",
  path: "/api/v1/integrations/destinations",
  operationId: "listDestinations",
  summary: "List the named places of notifications",
  security,
  responses: {
    200: jsonResponse("All of them, by name.", z.object({ items: z.array(destinationSchema) })),
    ...problemResponses(401, 500, 503),
  },
});

const setDestination = describeRoute({
  method: "put",
  path: "/api/v1/integrations/destinations/{name}",
  operationId: "setDestination",
  summary: "Make a destination, or change the one with this name",
  security,
  request: {
    params,
    body: jsonRequest<Omit<DestinationInput, "name">>(destinationBody.openapi("DestinationBody")),
  },
  refusal: { body: { code: "INTEGRATIONS_INPUT_INVALID", what: "The destination was not set." } },
  responses: {
    201: jsonResponse("The destination is stored.", answerSchema),
    200: jsonResponse("The destination is changed.", answerSchema),
    ...problemResponses(400, 401, 413, 415, 422, 500, 503),
  },
});

const deleteDestination = describeRoute({
  method: "delete",
  path: "/api/v1/integrations/destinations/{name}",
  operationId: "deleteDestination",
  summary: "Delete a destination",
  security,
  request: { params },
  responses: {
    204: { description: "It is gone." },
    ...problemResponses(401, 404, 500, 503),
  },
});

function notFound(name: string): ProblemError {
  const detail = `There is no destination "${name}". GET /api/v1/integrations/destinations lists them.`;
  return new ProblemError("DESTINATION_NOT_FOUND", detail);
}
