import { z } from "@hono/zod-openapi";

/** The fields that a schema knows at a path; none where it takes any, or is no object. */
export function fieldsAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return fieldsAt(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return fieldsAt(schema.element, path.slice(1));
  if (!(schema instanceof z.ZodObject)) return [];
  const [field, ...rest] = path;
  return field === undefined ? Object.keys(schema.shape) : fieldsAt(Reflect.get(schema.shape, field), rest);
}
