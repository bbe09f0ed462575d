import { createPostgresDatabase } from "@core/database/testing";
import { expect, it, onTestFinished } from "vitest";
import { runSessions } from "./sessions.ts";

it("the tasks of each lane run in order and one at a time", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const report = await runSessions({ url, lanes: 60, tasksPerLane: 8, workers: 3 });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ lanes: 60, complete: 480, runs: 480 });
});
