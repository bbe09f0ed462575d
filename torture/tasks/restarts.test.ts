import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { runRestarts } from "./restarts.ts";
import { makeServerFolder, startOwnServer } from "./server.ts";

it("workers live on through a crash of the database and lose nothing", async () => {
  const folder = await makeServerFolder();
  const server = await startOwnServer(folder);
  try {
    const report = await runRestarts({
      url: server.url,
      restart: server.restart,
      restarts: 2,
      workers: 2,
      timing: { heartbeatMs: 200, deadAfterMs: 1_000 },
      longestDownMs: 600,
      upMs: 300,
    });
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ restarts: 2 });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
