import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ProblemError } from "./problem.ts";

/** Lets a request pass that carries the key as `Authorization: Bearer <key>`; compared in constant time. */
export function authentication(apiKey: string): MiddlewareHandler {
  const expected = digest(apiKey);
  return async (context, next) => {
    const header = context.req.header("authorization");
    if (header === undefined) throw refusal("API_KEY_MISSING", "The request carries no API key.");
    const given = /^bearer +(\S.*?) *$/i.exec(header)?.[1];
    if (given === undefined)
      throw refusal("API_KEY_MISSING", "The Authorization header holds no bearer token.");
    if (!timingSafeEqual(digest(given), expected))
      throw refusal("API_KEY_WRONG", "The API key is not this server's.");
    await next();
  };
}

/** Of equal length whatever was sent, as a comparison in constant time needs. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refusal(code: "API_KEY_MISSING" | "API_KEY_WRONG", what: string): ProblemError {
  const challenge =
    code === "API_KEY_WRONG" ? 'Bearer realm="api", error="invalid_token"' : 'Bearer realm="api"';
  const detail = `${what} Send the header "Authorization: Bearer <key>"; the key is in the file api-key of the server's data folder, or in its API_KEY.`;
  return new ProblemError(code, detail, { headers: { "www-authenticate": challenge } });
}
