import { createPostgresDatabase } from "@core/database/testing";
import { expect, it, onTestFinished } from "vitest";
import { runKills } from "./kills.ts";

it("workers that are killed with -9 lose no task and record each result once", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const report = await runKills({
    url,
    tasks: 300,
    workers: 2,
    workMs: 40,
    timing: { heartbeatMs: 300, deadAfterMs: 1_500 },
    pace: { times: 2 },
  });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ tasks: 300, complete: 300, kills: 2 });
});
