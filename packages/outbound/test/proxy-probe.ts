import { createOutbound } from "@core/outbound";

// Run as a process of its own: Node reads NODE_USE_ENV_PROXY only when it starts.
const outbound = createOutbound({ allow: ["127.0.0.0/8"] });
const response = await outbound.request({ url: process.argv[2] ?? "" });
process.stdout.write(response.text());
await outbound.close();
