import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Forgets what was and counts anew. */
interface Expectation {
  readonly do: "expect";
  /** How many are to arrive at the paths that end with `ok`. */
  readonly expected: number;
  /** For so long the paths that end with `busy` are. */
  readonly busyMs: number;
  readonly retryAfterSeconds: number;
}

export type ToReceiver = Expectation | { readonly do: "report" };

export type FromReceiver =
  | { readonly is: "ready"; readonly port: number }
  | { readonly is: "complete"; readonly at: number }
  | { readonly is: "report"; readonly early: number };

/** A receiver of webhooks in another process. */
export interface Receiver {
  readonly origin: string;
  /** Resolves with the moment, in milliseconds since 1970, when the last one has arrived. */
  expect(expectation: Omit<Expectation, "do">): Promise<number>;
  /** How many came to a busy path before they might. */
  early(): Promise<number>;
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const child = fork(fileURLToPath(new URL("receiver-process.ts", import.meta.url)), []);
  const { port } = await next(child, "ready");
  return {
    origin: `http://127.0.0.1:${port}`,
    async expect(expectation) {
      child.send({ do: "expect", ...expectation });
      return (await next(child, "complete")).at;
    },
    async early() {
      child.send({ do: "report" });
      return (await next(child, "report")).early;
    },
    close: () => child.disconnect(),
  };
}

function next<Is extends FromReceiver["is"]>(
  child: ChildProcess,
  is: Is,
): Promise<Extract<FromReceiver, { readonly is: Is }>> {
  return new Promise((resolve) => {
    const hear = (message: FromReceiver): void => {
      if (message.is !== is) return;
      child.off("message", hear);
      resolve(message as Extract<FromReceiver, { readonly is: Is }>);
    };
    child.on("message", hear);
  });
}
