import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** A request that waits for its answer. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came, before any parsing. */
  readonly rawBody: string;
  answer(status: number): void;
}

/** Somebody else's HTTP server on the loopback address, whose answers are given by hand. */
export interface DemoReceiver {
  readonly url: string;
  /** The next request in the order of arrival; its sender waits until it is answered. */
  next(signal: AbortSignal): Promise<Arrival>;
  close(): Promise<void>;
}

/** Starts a receiver on a free port. */
export async function startDemoReceiver(): Promise<DemoReceiver> {
  const arrivals: Arrival[] = [];
  const inbox = new EventEmitter();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrival = await arrivalOf(request, response);
    if (arrival === null) return;
    arrivals.push(arrival);
    inbox.emit("arrival");
  };
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async next(signal) {
      for (;;) {
        const arrival = arrivals.shift();
        if (arrival !== undefined) return arrival;
        await once(inbox, "arrival", { signal });
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Null when the sender went away before its body was complete. */
async function arrivalOf(request: IncomingMessage, response: ServerResponse): Promise<Arrival | null> {
  // Its sender may be killed while it waits.
  response.on("error", () => undefined);
  try {
    const rawBody = Buffer.concat(await request.toArray()).toString();
    const { method = "", url: path = "", headers } = request;
    return { method, path, headers, rawBody, answer: (status) => void response.writeHead(status).end() };
  } catch {
    return null;
  }
}
