import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonValue } from "@core/registry";

/** A path as secret as those of the real services. */
export const SECRET_PATH = "/services/T0SECRET/B0SECRET/s3cr3tT0ken?key=quErySecret";

export interface ServiceReceiver extends AsyncDisposable {
  /** With {@link SECRET_PATH}. */
  readonly url: string;
  readonly requests: readonly ServiceRequest[];
}

interface ServiceRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonValue;
  readonly bytes: string;
}

export type ServiceAnswer =
  | number
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** A service on loopback: gives one answer after another, the last one from then on. */
export async function startService(...answers: readonly ServiceAnswer[]): Promise<ServiceReceiver> {
  const requests: ServiceRequest[] = [];
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    url: origin + SECRET_PATH,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = Buffer.concat(await request.toArray()).toString();
    requests.push({
      url: new URL(request.url ?? "", origin),
      headers: request.headers,
      body: JSON.parse(bytes),
      bytes,
    });
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? 200;
    if (typeof answer === "function") answer(request, response);
    else if (typeof answer === "number") response.writeHead(answer).end();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}
