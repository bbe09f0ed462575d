import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "./child-environment.ts";
import type { DelivererPlan, FromWorker, ToWorker, WorkerPlan } from "./worker-plan.ts";

/** A worker process, from its parent's side. */
export interface WorkerChild {
  readonly app: string;
  readonly workerId: string;
  /** Rejects when it ends before it is ready. */
  readonly ready: Promise<Extract<FromWorker, { readonly is: "ready" }>>;
  readonly exited: Promise<unknown>;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Makes its clock wrong by so much. */
  skew(byMs: number): void;
  /** Ends it with -9. */
  kill(): Promise<void>;
  /** Asks it to stop cleanly. @throws when it does not, or not with code 0 */
  stop(graceMs?: number): Promise<void>;
  hasEnded(): boolean;
  /** How it ended without being asked, or null. */
  surprise(): string | null;
}

const scriptOf = {
  worker: fileURLToPath(new URL("worker-process.ts", import.meta.url)),
  deliverer: fileURLToPath(new URL("deliverer-process.ts", import.meta.url)),
};
const STOP_LIMIT_MS = 60_000;

export function startWorkerChild(
  plan: WorkerPlan | DelivererPlan,
  onMessage: (message: FromWorker) => void = () => undefined,
): WorkerChild {
  const child = fork("receiver" in plan ? scriptOf.deliverer : scriptOf.worker, [JSON.stringify(plan)], {
    execArgv: ["--conditions=@core/source"],
    env: childEnvironment(),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let printed = "";
  let isToEnd = false;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (printed = (printed + text).slice(-4_000)));
  child.on("error", () => undefined);
  child.on("message", onMessage);
  const exited = once(child, "close");
  const ready = whenReady(child, () => printed);
  ready.catch(() => undefined);
  const say = (message: ToWorker): void => void child.send(message, () => undefined);
  const ended = (): string | null => child.signalCode ?? child.exitCode?.toString() ?? null;

  return {
    app: plan.app,
    workerId: plan.workerId,
    ready,
    exited,
    signal: (signal) => void child.kill(signal),
    skew: (byMs) => say({ do: "skew", byMs }),
    async kill() {
      isToEnd = true;
      child.kill("SIGKILL");
      await exited;
    },
    async stop(graceMs = 10_000) {
      isToEnd = true;
      say({ do: "stop", graceMs });
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(timer);
      if (child.exitCode !== 0)
        throw new Error(`${plan.app} was to stop and ended with ${ended()}: ${printed}`);
    },
    hasEnded: () => ended() !== null,
    surprise: () =>
      isToEnd || ended() === null ? null : `${plan.app} ended by itself with ${ended()}: ${printed}`,
  };
}

function whenReady(child: ChildProcess, printed: () => string): WorkerChild["ready"] {
  return new Promise((resolve, reject) => {
    child.on("message", (message: FromWorker) => {
      if (message.is === "ready") resolve(message);
    });
    child.once("close", (code, signal) =>
      reject(new Error(`A worker ended with ${code ?? signal} before it was ready: ${printed()}`)),
    );
  });
}
