import { createPostgresDatabase } from "@core/database/testing";
import { expect, it, onTestFinished } from "vitest";
import { runDeliveries } from "./deliveries.ts";

it("a process that delivers may be killed with -9: all arrives, in order, and little of it twice", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const timing = { heartbeatMs: 250, deadAfterMs: 1_000 };
  const report = await runDeliveries({ url, deliveries: 300, kills: 4, timing });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ deliveries: 300, delivered: 300, kills: 4 });
});
