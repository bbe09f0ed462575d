import { defineIntegration } from "@core/registry";
import { expect, test } from "vitest";
import { board } from "../../test/readme/board.ts";
import { createFakeContext } from "./fake-context.ts";
import { dispatcherOf } from "./integration-dispatcher.ts";

const context = createFakeContext({ config: { BOARD_URL: "http://127.0.0.1:1" } });

test("an integration's dispatcher has what it declares and what its setup gives", async () => {
  const dispatcher = await dispatcherOf(board, context);
  expect(dispatcher.orderKey?.({ room: "hall" })).toBe("hall");
  expect(dispatcher.reconcile).toBeTypeOf("function");
});

test("an integration without one is refused by name", async () => {
  const mute = defineIntegration({ type: "mute", apiVersion: 1 });
  await expect(dispatcherOf(mute, context)).rejects.toThrow('The integration "mute" has no dispatcher.');
});
