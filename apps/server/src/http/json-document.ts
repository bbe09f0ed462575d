import type { JsonValue } from "@core/registry";
import { z } from "@hono/zod-openapi";

/** Any JSON within a body. */
export const jsonValue: z.ZodType<JsonValue> = z.unknown() as z.ZodType<JsonValue>;

/** Any JSON, always there: a schema of anything would be taken as one that may be left out. */
export function anyJson(description: string): z.ZodType<unknown> {
  return z
    .unknown()
    .refine((value) => value !== undefined)
    .openapi({ description });
}

const file = z.object({
  blob_id: z.string(),
  name: z.string(),
  content_type: z.string(),
  size: z.int().openapi({ description: "Bytes." }),
});

const action = z.looseObject({ type: z.string() });

/** The files and actions of a result, as the OpenAPI document describes them. */
export const resultParts: {
  readonly files: z.ZodType<unknown>;
  readonly actions: z.ZodType<unknown>;
} = {
  files: z.array(file),
  actions: z.array(action).openapi({ description: "What the client that shows the result is asked to do." }),
};

/** What an agent gives back, or any JSON of another kind of task. */
export const resultSchema: z.ZodType<unknown> = z
  .union([
    z.object({ text: z.string(), ...resultParts }).openapi({ description: "The result of an agent." }),
    anyJson("Any JSON; null until the task is complete."),
  ])
  .openapi({ description: "What came of the task: the result of an agent, or any JSON." });
