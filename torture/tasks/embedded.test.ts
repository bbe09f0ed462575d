import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runEmbedded } from "./embedded.ts";

it("an embedded database that is killed with -9 keeps what it acknowledged and goes on at once", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "torture-embedded-"));
  const template = process.env["TEST_PGLITE_TEMPLATE"];
  if (template !== undefined) await cp(template, join(dataDir, "pglite"), { recursive: true });
  try {
    const report = await runEmbedded({ dataDir, kills: 2, tasksPerLife: 20 });
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ kills: 2 });
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});
