import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type ToSink = { readonly do: "listen"; readonly origins: number } | { readonly do: "count" };

export type FromSink =
  | { readonly is: "ready"; readonly origins: readonly string[] }
  | { readonly is: "count"; readonly received: number };

/** A process that takes whatever is posted to it. */
export interface Sink {
  readonly origins: readonly string[];
  /** How many requests have come since the beginning. */
  received(): Promise<number>;
  close(): void;
}

/** Starts it with so many origins on loopback. */
export async function startSink(origins: number): Promise<Sink> {
  const child = fork(fileURLToPath(new URL("sink-process.ts", import.meta.url)), []);
  const ask = async (question: ToSink): Promise<FromSink> => {
    const answer = once(child, "message");
    child.send(question);
    const [message] = (await answer) as [FromSink];
    return message;
  };
  const ready = await ask({ do: "listen", origins });
  return {
    origins: ready.is === "ready" ? ready.origins : [],
    async received() {
      const answer = await ask({ do: "count" });
      return answer.is === "count" ? answer.received : 0;
    },
    close: () => child.disconnect(),
  };
}
