import { createIntegrations } from "@core/integrations-state";
import { createOutbound } from "@core/outbound";

/** Sends ten notifications with one dedupe key at once, and prints what became of them. */
const [path = "", webhook_url = ""] = process.argv.slice(2);
const outbound = createOutbound({ allow: ["127.0.0.1"] });
const integrations = createIntegrations({ path, outbound });
const notification = { channel: "webhook", message: "hello", webhook_url, dedupe_key: "disk-full" };
const reports = await Promise.all(
  Array.from({ length: 10 }, () => integrations.sendNotification(notification)),
);
process.stdout.write(JSON.stringify(reports.map(({ delivery }) => delivery.status)));
await integrations.close();
await outbound.close();
