import type { Dispatcher } from "@core/registry";
import type { DispatcherSubject } from "../src/index.ts";
import { createFakeContext, createFaultProxy, dispatcherOf, numberedText } from "../src/index.ts";
import { board } from "./readme/board.ts";
import type { FakeBoard } from "./readme/fake-board.ts";
import { startFakeBoard } from "./readme/fake-board.ts";

/** What to make of a dispatcher that keeps the contract. */
export interface BoardChanges {
  readonly fetch?: typeof fetch;
  readonly dispatcher?: (right: Dispatcher, service: FakeBoard) => Dispatcher;
  readonly match?: () => boolean;
  readonly graceMs?: number;
}

export const BOARD_TOKEN = "board-token-1";

/** The README's integration as a subject, changed or as it is. */
export function boardSubject(changes: BoardChanges = {}): DispatcherSubject {
  const { fetch = globalThis.fetch, dispatcher: change = (right: Dispatcher) => right } = changes;
  const { match, graceMs = 10_000 } = changes;
  return {
    longText: numberedText(150),
    graceMs,
    async open(tools) {
      const service = await startFakeBoard(BOARD_TOKEN);
      const faults = await createFaultProxy(service.url, { ...(match && { match }) });
      const context = createFakeContext({
        ...tools,
        fetch,
        config: { BOARD_URL: faults.url },
        secrets: { BOARD_TOKEN },
      });
      return {
        dispatcher: change(await dispatcherOf(board, context), service),
        target: { room: "hall" },
        invalidTargets: [{ room: "no such room" }],
        secrets: [BOARD_TOKEN],
        receiver: { faults, received: async () => service.messages },
        async [Symbol.asyncDispose]() {
          await faults.close();
          service.close();
        },
      };
    },
  };
}
