import { test } from "node:test";
import { createFakeContext, createFaultProxy, dispatcherContract, dispatcherOf } from "@core/testing";
import { numberedText, type DispatcherHarness, type HarnessTools } from "@core/testing";
import { board } from "./board.ts"; // your integration
import { startFakeBoard } from "./fake-board.ts"; // your fake of the service

async function openBoard(tools: HarnessTools): Promise<DispatcherHarness> {
  const token = "board-token-1";
  const service = await startFakeBoard(token);
  const faults = await createFaultProxy(service.url, { match: ({ method }) => method === "POST" });
  const context = createFakeContext({
    ...tools, // its log is read, and its time is the contract's
    config: { BOARD_URL: faults.url },
    secrets: { BOARD_TOKEN: token },
  });
  return {
    dispatcher: await dispatcherOf(board, context),
    restart: () => dispatcherOf(board, context),
    target: { room: "hall" },
    otherTargets: [{ room: "cellar" }],
    invalidTargets: [{}, { room: 7 }, { room: "no such room" }],
    secrets: [token],
    receiver: { faults, received: async () => service.messages },
    async [Symbol.asyncDispose]() {
      await faults.close();
      service.close();
    },
  };
}

const subject = { open: openBoard, longText: numberedText(150) }; // 40 characters make a message
for (const { name, run } of dispatcherContract(subject)) void test(name, run);
