import type { Context } from "hono";
import type { App } from "./app.ts";
import { ProblemError } from "./problem.ts";

/** Answers what no route took: an unknown path, a wrong method, or the question which methods there are. */
export function answerUnrouted(app: App, context: Context): Response {
  const { method, path } = context.req;
  const methods = methodsOf(app, path);
  if (methods.length === 0) {
    throw new ProblemError("ROUTE_NOT_FOUND", `There is no ${path}. GET /openapi.json lists what there is.`);
  }
  const allow = methods.join(", ");
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  throw new ProblemError("METHOD_NOT_ALLOWED", `${path} does not take ${method}. It takes ${allow}.`, {
    headers: { allow },
  });
}

function methodsOf(app: App, path: string): readonly string[] {
  const methods = new Set(
    app.routes.filter((route) => route.method !== "ALL" && fits(route.path, path)).map((route) => route.method),
  );
  if (methods.size === 0) return [];
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods, "OPTIONS"].toSorted();
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part === given[index] || (part.startsWith(":") && given[index] !== ""))
  );
}
