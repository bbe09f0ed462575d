import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process that takes whatever is posted to 127.0.0.1. */
export interface Sink {
  readonly port: number;
  /** How many requests have come since the beginning. */
  received(): Promise<number>;
  close(): void;
}

export async function startSink(): Promise<Sink> {
  const child = fork(fileURLToPath(new URL("sink-process.ts", import.meta.url)), []);
  const told = async (): Promise<number> => ((await once(child, "message")) as [number])[0];
  return {
    port: await told(),
    received() {
      child.send("count");
      return told();
    },
    close: () => child.disconnect(),
  };
}
