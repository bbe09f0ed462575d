// Takes webhooks on loopback, in a process of its own, and tells the parent how many came.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let received = 0;

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    received += 1;
    response.writeHead(204).end();
  });
});

process.on("message", () => process.send?.(received));
process.once("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send?.((server.address() as AddressInfo).port);
