import type { FieldIssue } from "@core/registry";
import type { Hook } from "@hono/zod-openapi";
import type { AppEnv } from "./app-env.ts";
import { ProblemError } from "./problem.ts";
import { fieldIssues } from "./schema-issues.ts";

/** What becomes of a request that the schemas of its route refuse: a problem naming each field and its fix. */
export const refuseInvalid: Hook<unknown, AppEnv, string, void> = (result, context) => {
  if (result.success) return;
  const { target, error } = result;
  const parts = context.get("requestParts");
  const { code, what, schema } =
    target === "query" ? parts.query : target === "param" ? parts.path : parts.body;
  const input: unknown = "data" in result ? result.data : undefined;
  const errors = error.issues.flatMap((issue) =>
    fieldIssues(issue, { schema, input, isQuery: target === "query" }),
  );
  throw new ProblemError(code, `${what} ${errors.map(line).join(" ")}`, { errors });
};

function line({ field, message }: FieldIssue): string {
  return field === "" ? message : `${field}: ${message}`;
}
