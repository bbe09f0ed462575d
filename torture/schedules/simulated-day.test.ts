import { createPostgresDatabase } from "@core/database/testing";
import { expect, it, onTestFinished } from "vitest";
import { runSimulatedDay } from "./simulated-day.ts";

it("schedules make each task once, whoever is killed, over a change of the clocks and an outage", async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const report = await runSimulatedDay({
    url,
    schedules: 52,
    schedulers: 2,
    change: "2026-03-29T01:00:00Z",
    hours: 2,
    kills: 2,
  });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ schedules: 52, missing: 0, duplicates: 0, unexpected: 0, kills: 2 });
});
