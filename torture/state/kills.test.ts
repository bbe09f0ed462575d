import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runStateKills } from "./kills.ts";

it("processes that share a state may be killed with -9: all that was acknowledged stays, and no read is torn", async () => {
  const folder = await mkdtemp(join(tmpdir(), "torture-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const report = await runStateKills({
    path: join(folder, "integrations.json"),
    kills: 60,
    processes: 6,
    paceMs: 60,
  });
  expect(report.faults).toEqual([]);
  expect(report.counts).toMatchObject({ kills: 60 });
  expect(report.counts["acknowledged"]).toBeGreaterThan(60);
});
