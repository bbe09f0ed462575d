import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startOrphanGuard } from "../processes/orphan-guard.ts";
import type { DemoReceiver } from "./demo-receiver.ts";
import { startDemoReceiver } from "./demo-receiver.ts";
import type { DemoServer } from "./demo-server.ts";
import { startDemoServer } from "./demo-server.ts";

export interface DemoStageOptions {
  /** The program that starts a server, and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a demo is played on. All that is made on it is removed by `clear`. */
export interface DemoStage {
  /** Aborted when the server ends although nobody killed it. */
  readonly died: AbortSignal;
  /** Makes a folder that even a killed demo does not leave behind (Linux), nor a server that works on it. */
  makeDataDir(): Promise<string>;
  startReceiver(): Promise<DemoReceiver>;
  startServer(dataDir: string, signal: AbortSignal): Promise<DemoServer>;
  /** The last lines that the servers printed. */
  lastOutput(): readonly string[];
  clear(): Promise<void>;
}

/** The agent of a demo: it answers in capitals. */
export const demoAgentCommand = "tr a-z A-Z";

export function createDemoStage({ command, environment }: DemoStageOptions): DemoStage {
  const undo: (() => Promise<void>)[] = [];
  const death = new AbortController();
  let guarded: Readonly<Record<string, string>> = {};
  let output = "";
  return {
    died: death.signal,
    async makeDataDir() {
      const dataDir = await mkdtemp(join(tmpdir(), "agent-server-demo-"));
      undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));
      const guard = startOrphanGuard({ remove: [dataDir] });
      undo.push(async () => guard.close());
      guarded = guard.environment;
      return dataDir;
    },
    async startReceiver() {
      const receiver = await startDemoReceiver();
      undo.push(() => receiver.close());
      return receiver;
    },
    async startServer(dataDir, signal) {
      const settings = { ...serverEnvironment(environment, dataDir), ...guarded };
      const onOutput = (text: string): void => void (output += text);
      const onDeath = (reason: Error): void => death.abort(reason);
      const options = { command, environment: settings, dataDir, onOutput, onDeath };
      const server = await startDemoServer(options, signal);
      undo.push(() => server.kill());
      return server;
    },
    lastOutput: () => output.split("\n").filter(Boolean).slice(-LAST_LINES),
    async clear() {
      for (const step of undo.splice(0).toReversed()) await step();
    },
  };
}

const LAST_LINES = 20;

/** What any program needs; nothing else of the caller's, whose own settings must not change the demo. */
const inheritedVariables = ["PATH", "HOME", "TMPDIR", "NODE_OPTIONS", "NODE_COMPILE_CACHE"];

function serverEnvironment(
  environment: DemoStageOptions["environment"],
  dataDir: string,
): Record<string, string> {
  const inherited = inheritedVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    PORT: "0",
    DATA_DIR: dataDir,
    OUTBOUND_ALLOW: "127.0.0.1/32",
    AGENT: "command",
    AGENT_COMMAND: demoAgentCommand,
  };
}
