// Receives webhooks on loopback, in a process of its own, and tells the parent what it got. The last part of a path
// says how it answers: `ok`, `hang` (never) or `busy` (429 with Retry-After for as long as the receiver is told to).
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FromReceiver, ToReceiver } from "./receiver.ts";

/** What was under way when the answer came was not sent against it. */
const IN_FLIGHT_MS = 50;

let expected = 0;
let received = 0;
let early = 0;
let busyUntil = 0;
let retryAfterSeconds = 0;
let refusedAt = Number.NEGATIVE_INFINITY;

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const path = request.url ?? "";
    if (path.endsWith("hang")) return;
    if (path.endsWith("busy") && !mayCome()) {
      response.writeHead(429, { "retry-after": String(retryAfterSeconds) }).end();
      return;
    }
    response.writeHead(204).end();
    if (!path.endsWith("ok")) return;
    received += 1;
    if (received === expected) tell({ is: "complete", at: performance.timeOrigin + performance.now() });
  });
});

process.on("message", (message: ToReceiver) => {
  if (message.do === "report") return tell({ is: "report", early });
  expected = message.expected;
  received = 0;
  early = 0;
  refusedAt = Number.NEGATIVE_INFINITY;
  retryAfterSeconds = message.retryAfterSeconds;
  busyUntil = performance.now() + message.busyMs;
});
process.once("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1");
await once(server, "listening");
tell({ is: "ready", port: (server.address() as AddressInfo).port });

function mayCome(): boolean {
  const now = performance.now();
  const since = now - refusedAt;
  if (since > IN_FLIGHT_MS && since < retryAfterSeconds * 1_000) early += 1;
  if (now > busyUntil) return true;
  if (since > IN_FLIGHT_MS) refusedAt = now;
  return false;
}

function tell(message: FromReceiver): void {
  process.send?.(message);
}
