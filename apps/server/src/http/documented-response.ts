import { z } from "@hono/zod-openapi";
import type { ProblemStatus } from "./problem.ts";

/** A response of the OpenAPI document. */
export interface DocumentedResponse {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType<unknown> }>>;
}

/** An answer in JSON. */
export function jsonResponse(
  description: string,
  schema: z.ZodType<unknown>,
): DocumentedResponse & {
  readonly content: { readonly "application/json": { readonly schema: z.ZodType<unknown> } };
} {
  return { description, content: { "application/json": { schema } } };
}

/** The error answers of a route. */
export function problemResponses<Status extends ProblemStatus>(
  ...statuses: readonly Status[]
): Record<Status, DocumentedResponse> {
  const content = { "application/problem+json": { schema: problemSchema } };
  const entries = statuses.map((status) => [status, { description: descriptions[status], content }] as const);
  return Object.fromEntries(entries) as unknown as Record<Status, DocumentedResponse>;
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi("Problem");

const descriptions: Readonly<Record<ProblemStatus, string>> = {
  400: "The request cannot be read.",
  401: "The API key is missing or wrong.",
  403: "The request may not do that.",
  404: "There is no such thing.",
  405: "The path does not take this method.",
  409: "It contradicts what is stored.",
  410: "It is no longer to be had this way.",
  413: "The body is too large.",
  415: "The body is not JSON by its Content-Type, or it is encoded.",
  422: "Fields of the body are wrong; `errors` names each.",
  500: "The server failed; `detail` says what to do.",
  503: "The database does not answer, or the state cannot be had; `Retry-After` tells when to try again.",
};
