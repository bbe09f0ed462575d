import { INTEGRATION_EVENTS } from "@core/integrations-state";
import type { GitAutoCommitChange } from "@core/integrations-state";
import { z } from "@hono/zod-openapi";
import type { App } from "../app-env.ts";
import { describeRoute } from "../described-route.ts";
import { jsonResponse, problemResponses } from "../documented-response.ts";
import { jsonRequest } from "../json-request.ts";
import type { ServedIntegrations } from "./served-integrations.ts";
import { gitAutoCommitSchema } from "./state-documents.ts";

/** Reading and changing when git auto-commit commits; in which repository is the operator's setting. */
export function addGitAutoCommitRoutes(app: App, integrations: ServedIntegrations): void {
  app.openapi(readGitAutoCommit, async (context) =>
    context.json<unknown, 200>(await integrations.getGitAutoCommitConfig(), 200),
  );

  app.openapi(changeGitAutoCommit, async (context) => {
    const config = await integrations.setGitAutoCommitConfig(context.req.valid("json"));
    return context.json<unknown, 200>(config, 200);
  });
}

const security = [{ apiKey: [] }];

const change = z.strictObject({
  enabled: z.boolean().optional(),
  on_events: z.array(z.enum(INTEGRATION_EVENTS)).optional().openapi({ minItems: 1 }),
});

const readGitAutoCommit = describeRoute({
  method: "get",
  path: "/api/v1/integrations/git-auto-commit",
  operationId: "readGitAutoCommit",
  summary: "Read when git auto-commit commits",
  security,
  responses: {
    200: jsonResponse("The settings.", gitAutoCommitSchema),
    ...problemResponses(401, 500, 503),
  },
});

const changeGitAutoCommit = describeRoute({
  method: "patch",
  path: "/api/v1/integrations/git-auto-commit",
  operationId: "changeGitAutoCommit",
  summary: "Change when git auto-commit commits; what is left out stays as it is",
  security,
  request: {
    body: jsonRequest<GitAutoCommitChange>(change.openapi("GitAutoCommitChange")),
  },
  refusal: {
    body: { code: "INTEGRATIONS_INPUT_INVALID", what: "The settings of git auto-commit were not changed." },
  },
  responses: {
    200: jsonResponse("The settings as they are now.", gitAutoCommitSchema),
    ...problemResponses(400, 401, 413, 415, 422, 500, 503),
  },
});
