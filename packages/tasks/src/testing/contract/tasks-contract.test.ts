import { createTestDatabases, testEngines } from "@core/database/testing";
import { afterAll, describe, expect, it } from "vitest";
import { tasksContract } from "../../testing.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the contract of the queue on %s", (engine) => {
  it.each(tasksContract({ database: () => databases.open(engine) }))("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
