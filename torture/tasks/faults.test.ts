import { createPostgresDatabase } from "@core/database/testing";
import { expect, it, onTestFinished } from "vitest";
import { runFaults } from "./faults.ts";

it("workers that meet one fault of each kind accept no stale write and lose nothing", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const report = await runFaults({
    url,
    seed: 1,
    from: 0,
    injections: 6,
    workers: 3,
    timing: { heartbeatMs: 200, deadAfterMs: 1_000 },
    deck: { kill: 1, pause: 1, drop: 1, skew: 1, stop: 1, twin: 1 },
    tasksPerSecond: 40,
  });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ kill: 1, pause: 1, drop: 1, skew: 1, stop: 1, twin: 1 });
});
