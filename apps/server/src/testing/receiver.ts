import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** A request that a receiver got. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver answers; `hang`: nothing, for as long as it lives. */
type ReceiverAnswer = { readonly status: number; readonly body?: string } | "hang";

/** One answer for all, or one that is decided for each request as it comes. */
export type ReceiverBehaviour = ReceiverAnswer | ((request: ReceivedRequest) => ReceiverAnswer);

/** An HTTP server on the loopback address that remembers what it gets. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** From now on it answers this. */
  answerWith(answer: ReceiverBehaviour): void;
  /** Resolves when that many requests have come. */
  received(count: number): Promise<readonly ReceivedRequest[]>;
  close(): Promise<void>;
}

/** Starts a receiver that answers 200. */
export async function startReceiver(first: ReceiverBehaviour = { status: 200 }): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let behaviour = first;
  const server = createServer((request, response) => {
    void receive(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await read(request);
    requests.push(received);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    const answer = typeof behaviour === "function" ? behaviour(received) : behaviour;
    if (answer !== "hang") response.writeHead(answer.status).end(answer.body ?? "");
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerWith: (next) => void (behaviour = next),
    async received(count) {
      if (requests.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return requests;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function read(request: IncomingMessage): Promise<ReceivedRequest> {
  let body = "";
  for await (const text of request.setEncoding("utf8")) body += String(text);
  return { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
}
