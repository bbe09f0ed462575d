import { createDiagnostics } from "../diagnostics/diagnostic-hooks.ts";
import { expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import { startService } from "../../test/service-receiver.ts";

test("metrics, events and the log are told of every notification, and a throwing hook breaks nothing", async () => {
  const told: unknown[] = [];
  const diagnostics = createDiagnostics({
    emitMetric: ({ name, value, attributes }) => void told.push([name, value, attributes]),
    emitEvent: ({ name, attributes }) => {
      told.push([name, attributes]);
      throw new Error("a hook fails");
    },
  });
  await using service = await startService({ status: 404, body: "no_service" });
  await using lab = openNotificationLab({ parts: { diagnostics } });
  await lab.setDestination({ name: "ops", channel: "slack", url: service.url });
  told.length = 0;
  const { notification_id } = await lab.sendNotification({ channel: "slack", message: "hello" });
  const facts = {
    notification_id,
    channel: "slack",
    priority: "normal",
    status: "failed",
    destination: "ops",
    http_status: 404,
    attempts: 1,
    code: "no_service",
  };
  expect(told).toEqual([
    ["integrations.notification.failed", 1, { channel: "slack", priority: "normal" }],
    ["integrations.notification.send_ms", 0, { channel: "slack" }],
    ["integrations.notification.failed", facts],
  ]);
  expect(lab.told()).toContain("A notification was not delivered. The service answered no_service.");
});
