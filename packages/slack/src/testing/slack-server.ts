import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export interface HttpRequest {
  readonly verb: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as HTML, bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** An answer, a connection that ends without one, or one that stays open without one. */
export type Reply = HttpAnswer | "drop" | "hang";

export interface SlackServerOptions {
  readonly reply: (request: HttpRequest) => Promise<Reply>;
  /** Takes over the connections that want to become sockets. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface SlackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback address. */
export async function startSlackServer({ reply, upgrade }: SlackServerOptions): Promise<SlackServer> {
  const server = createServer((request, response) => void respond(request, response));
  server.on("upgrade", upgrade);
  await once(server.listen(0, "127.0.0.1"), "listening");

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await reply(await readRequest(request));
      if (answer === "drop") request.socket.destroy();
      else if (answer !== "hang") writeAnswer(response, answer);
    } catch (error) {
      writeAnswer(response, {
        status: 500,
        body: { ok: false, error: `The fake Slack failed: ${String(error)}` },
      });
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<HttpRequest> {
  const { method: verb = "", url: path = "", headers } = request;
  return { verb, path, headers, body: Buffer.concat(await request.toArray()) };
}

function writeAnswer(response: ServerResponse, { status = 200, headers = {}, body = "" }: HttpAnswer): void {
  const isBytes = body instanceof Uint8Array;
  const isText = typeof body === "string";
  const type = isBytes
    ? "application/octet-stream"
    : isText
      ? "text/html"
      : "application/json; charset=utf-8";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(isBytes || isText ? body : JSON.stringify(body));
}
