import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../tasks/child-environment.ts";
import type { Acknowledgement, FromMutator, MutatorPlan, ToMutator } from "./mutator-plan.ts";

/** A process that updates the state, from its parent's side. */
export interface MutatorChild {
  /** Resolves when it could begin; rejects when it ends before. */
  readonly ready: Promise<void>;
  begin(): void;
  /** Whether one of its updates has been acknowledged. */
  isUnderWay(): boolean;
  /** How it ended without being asked, or null. */
  surprise(): string | null;
  /** Ends it with -9. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL("mutator-process.ts", import.meta.url));

export function startMutatorChild(
  plan: MutatorPlan,
  onAcknowledged: (acknowledgement: Acknowledgement) => void,
): MutatorChild {
  const child = fork(script, [JSON.stringify(plan)], {
    execArgv: ["--conditions=@core/source"],
    env: childEnvironment(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  ready.catch(() => undefined);
  let printed = "";
  let isUnderWay = false;
  let isToEnd = false;
  const ending = (): string =>
    `${plan.owner} ended by itself with ${child.signalCode ?? child.exitCode}: ${printed}`;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (printed = (printed + text).slice(-4_000)));
  child.on("error", () => undefined);
  child.on("message", (message: FromMutator) => {
    if (message === "ready") return resolve();
    isUnderWay = true;
    onAcknowledged(message);
  });
  const closed = once(child, "close");
  void closed.then(() => reject(new Error(ending())));
  return {
    ready,
    begin: () => void child.send("begin" satisfies ToMutator, () => undefined),
    isUnderWay: () => isUnderWay,
    surprise: () => (isToEnd || (child.signalCode ?? child.exitCode) === null ? null : ending()),
    async kill() {
      isToEnd = true;
      child.kill("SIGKILL");
      await closed;
    },
  };
}
