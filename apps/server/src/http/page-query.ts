import { z } from "@hono/zod-openapi";

const cursor = z.string().max(200).optional().openapi({ description: "The next_cursor of the page before." });

const limit = z
  .string()
  .regex(/^\d{1,3}$/, "Expected a whole number from 1 to 200.")
  .transform(Number)
  .refine((value) => value >= 1 && value <= 200, "Expected a whole number from 1 to 200.")
  .optional()
  .openapi({ description: "How many, at most. Default: 50.", type: "integer", minimum: 1, maximum: 200 });

/** How every list is asked for, besides its own filters. */
export const pageFields: {
  readonly cursor: z.ZodType<string | undefined, string | undefined>;
  readonly limit: z.ZodType<number | undefined, string | undefined>;
} = { cursor, limit };
