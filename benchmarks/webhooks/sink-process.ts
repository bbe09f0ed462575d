// Takes webhooks at as many origins as it is asked for, in a process of its own, and tells the parent how many came.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FromSink, ToSink } from "./sink.ts";

let received = 0;

process.on("message", (message: ToSink) => {
  if (message.do === "listen") void listen(message.origins);
  else tell({ is: "count", received });
});
process.once("disconnect", () => process.exit(0));

async function listen(count: number): Promise<void> {
  tell({ is: "ready", origins: await Promise.all(Array.from({ length: count }, startServer)) });
}

async function startServer(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      received += 1;
      response.writeHead(204).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function tell(message: FromSink): void {
  process.send?.(message);
}
