import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StatePlace } from "../testing/contract/state-store-contract.ts";
import { stateStoreContract } from "../testing/contract/state-store-contract.ts";
import { createStateFile } from "./state-file.ts";

describe("the state file", () => {
  it.each(stateStoreContract({ newPlace: newFolder }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

async function newFolder(): Promise<StatePlace> {
  const folder = await mkdtemp(join(tmpdir(), "state-file-"));
  return {
    open: (clock) => createStateFile({ path: join(folder, "state.json"), clock }),
    remove: () => rm(folder, { recursive: true }),
  };
}
