import { silentLogger } from "@core/registry";
import { expect, test } from "vitest";
import { undoAll } from "./undo.ts";

test("what was made last is undone first, and a step that fails keeps none from being made", async () => {
  const undone: string[] = [];
  const fails = (): never => {
    throw new Error("stuck");
  };
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: unknown) => void errors.push(fields) };
  const steps = [() => void undone.push("first"), fails, async () => void undone.push("last")];
  await undoAll(steps, logger);
  await undoAll(steps, logger);
  expect(undone).toEqual(["last", "first"]);
  expect(errors).toHaveLength(1);
});
