import type { BlobStore } from "@core/database";
import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { FileLinks } from "../files/file-links.ts";
import type { App } from "./app-env.ts";
import { describeRoute } from "./described-route.ts";
import { problemResponses } from "./documented-response.ts";
import { ProblemError } from "./problem.ts";

/** Reading the files of results. */
export function addFileRoutes(app: App, blobs: Pick<BlobStore, "open">): void {
  app.openapi(readFile, async (context) => {
    const { id } = context.req.valid("param");
    const blob = await blobs.open(id);
    if (blob === null)
      throw new ProblemError(
        "FILE_NOT_FOUND",
        `There is no file ${id}. The results of tasks name their files.`,
      );
    const { name, contentType, size } = blob.info;
    return new Response(blob.stream, {
      headers: {
        "content-type": contentType ?? "application/octet-stream",
        "content-length": String(size),
        "content-disposition": `attachment; filename*=UTF-8''${encodedName(name ?? id)}`,
        ...ASIDE,
      },
    });
  });
}

/** Lets a request pass that carries a valid link; one without any goes on to what else asks for a key. */
export function fileLinkAuthentication(
  links: Pick<FileLinks, "judge">,
  otherwise: MiddlewareHandler,
): MiddlewareHandler {
  return async (context, next) => {
    const { pathname, searchParams } = new URL(context.req.url);
    const verdict = links.judge(pathname.split("/").at(-1) ?? "", Object.fromEntries(searchParams));
    if (verdict === "valid") return next();
    if (verdict === "unsigned") return otherwise(context, next);
    throw verdict === "expired"
      ? new ProblemError("FILE_LINK_EXPIRED", "The link has expired. Read the file with the API key instead.")
      : new ProblemError("FILE_LINK_WRONG", "The link is not as it was made. Use the whole of it.");
  };
}

/** An agent wrote it, so a browser must not run it. */
const ASIDE = { "content-security-policy": "sandbox; default-src 'none'" };

const readFile = describeRoute({
  method: "get",
  path: "/api/v1/files/{id}",
  operationId: "readFile",
  summary: "Read a file of a result, with the API key or by a link that has not expired",
  security: [{ apiKey: [] }, {}],
  request: {
    params: z.object({ id: z.uuid({ error: "A file's id is a UUID, the blob_id of a result's file." }) }),
    query: z.object({
      expires: z.string().optional().openapi({ description: "Of a link: seconds since 1970." }),
      signature: z.string().optional().openapi({ description: "Of a link." }),
    }),
  },
  responses: {
    200: {
      description: "The bytes, as an attachment.",
      content: { "application/octet-stream": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...problemResponses(400, 401, 403, 404, 410, 503),
  },
});

/** As RFC 8187 wants it. */
function encodedName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
}
