import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createOutbound, generateWebhookSecret, signWebhook, verifyWebhook } from "@core/outbound";

const secret = generateWebhookSecret();
const receiver = createServer(
  (request, response) => void receive(request).then((text) => response.end(text)),
);
await once(receiver.listen(0, "127.0.0.1"), "listening");
const { port } = receiver.address() as AddressInfo;

async function receive(request: IncomingMessage): Promise<string> {
  const rawBody = Buffer.concat(await request.toArray()); // the bytes as they came, before any parsing
  const { id } = verifyWebhook({ headers: request.headers, rawBody, secrets: [secret] }); // throws if forged or old
  return `${id}: ${rawBody.toString()}`;
}

const outbound = createOutbound({ allow: ["127.0.0.0/8"] }); // without `allow`: public addresses only
const body = JSON.stringify({ task_id: "task_1", result: "done" });
const headers = signWebhook({ id: "dlv_1", timestamp: new Date(), body, secrets: [secret] });
const answer = await outbound.request({
  method: "POST",
  url: `http://127.0.0.1:${port}/hook`,
  headers,
  body,
});
assert.equal(answer.text(), 'dlv_1: {"task_id":"task_1","result":"done"}');

await outbound.close();
receiver.close();
