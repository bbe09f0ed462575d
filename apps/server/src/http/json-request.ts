import type { z } from "@hono/zod-openapi";

/** The body that a request has to have, in JSON. */
export interface JsonRequest<Body> {
  readonly required: true;
  readonly content: { readonly "application/json": { readonly schema: z.ZodType<Body> } };
}

/** Describes it. What zod calls undefined is a field that was left out: JSON cannot say otherwise. */
export function jsonRequest<Body>(schema: z.ZodType<LeftOut<Body>>): JsonRequest<Body> {
  return { required: true, content: { "application/json": { schema: schema as z.ZodType<Body> } } };
}

type LeftOut<Body> = { [Field in keyof Body]: Body[Field] | undefined };
