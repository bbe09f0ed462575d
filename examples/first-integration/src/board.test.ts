import { readFile } from "node:fs/promises";
import {
  createFakeContext,
  createFaultProxy,
  dispatcherContract,
  dispatcherOf,
  type DispatcherHarness,
  type HarnessTools,
} from "@core/testing";
import { expect, test } from "vitest";
import { board } from "./board.ts";
import { startFakeBoard } from "./fake-board.ts";

async function openBoard(tools: HarnessTools): Promise<DispatcherHarness> {
  const service = await startFakeBoard("board-token-1");
  const faults = await createFaultProxy(service.url, { match: ({ method }) => method === "POST" });
  const context = createFakeContext({
    ...tools,
    config: { url: faults.url },
    secrets: { BOARD_TOKEN: "board-token-1" },
  });
  return {
    dispatcher: await dispatcherOf(board, context),
    target: { board: "kitchen" },
    invalidTargets: [{}, { board: "The Kitchen" }],
    secrets: ["board-token-1"],
    receiver: { faults, received: async () => service.notes },
    async [Symbol.asyncDispose]() {
      await faults.close();
      service.close();
    },
  };
}

test.each(dispatcherContract({ open: openBoard }))("$name", async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});

test("the guide of the contract shows this code", async () => {
  const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), "utf8");
  const guide = await read("../../../docs/guides/contract.md");
  const files = ["./board.ts", "./shouting-agent.ts", "./board.test.ts"];
  const sources = (await Promise.all(files.map(read))).join("\n");
  const blocks = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  expect(blocks.length).toBeGreaterThan(4);
  expect(blocks.filter((code) => !sources.includes(code))).toEqual([]);
});
