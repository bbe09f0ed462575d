import type { Context } from "hono";
import type { App, AppEnv } from "./app-env.ts";
import { ProblemError, problemResponse } from "./problem.ts";

/** Answers what no route took: an unknown path, a wrong method, or the question which methods there are. */
export function answerUnrouted(app: App, context: Context<AppEnv>): Response {
  const { method, path } = context.req;
  const requestId = context.get("requestId");
  const methods = methodsOf(app, path);
  if (methods.length === 0) return problemResponse(notFound(path), requestId);
  const allow = methods.join(", ");
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
  return problemResponse(notAllowed(path, method, allow), requestId);
}

function methodsOf(app: App, path: string): readonly string[] {
  const methods = new Set(
    app.routes
      .filter((route) => route.method !== "ALL" && fits(route.path, path))
      .map((route) => route.method),
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

function notFound(path: string): ProblemError {
  return new ProblemError("ROUTE_NOT_FOUND", `There is no ${path}. GET /openapi.json lists what there is.`);
}

function notAllowed(path: string, method: string, allow: string): ProblemError {
  const detail = `${path} does not take ${method}. It takes ${allow}.`;
  return new ProblemError("METHOD_NOT_ALLOWED", detail, { headers: { allow } });
}
