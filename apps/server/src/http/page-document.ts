import { z } from "@hono/zod-openapi";

/** A page of a list as the OpenAPI document describes it. */
export function pageSchema(item: z.ZodType<unknown>): z.ZodType<unknown> {
  return z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });
}
