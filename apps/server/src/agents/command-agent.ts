import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { silentLogger, textResult } from "@core/registry";
import type { AgentInput, AgentRunner, AgentRunOptions, Logger } from "@core/registry";
import { killGroup } from "../processes/process-group.ts";
import { AgentError } from "./agent-error.ts";

export interface CommandAgentOptions {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  /** The whole environment of the command. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told the end of the standard error of a run that failed. Default: silent. */
  readonly logger?: Logger;
  /** The longest output in bytes. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** How long a command may take to end after it was told to. Default 500, within what a stopping worker waits. */
  readonly killAfterMs?: number;
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tooLarge: boolean;
}

const STDERR_TAIL = 2_000;

/**
 * An agent that is a program: the prompt on its standard input, the result on its standard output. It runs in a
 * process group of its own, which is ended as a whole.
 */
export function createCommandAgent(options: CommandAgentOptions): AgentRunner {
  const { command, maxOutputBytes = 1_048_576, killAfterMs = 500, logger = silentLogger } = options;
  const [program = "", ...args] = command;
  return {
    async run(input, runOptions) {
      runOptions.signal.throwIfAborted();
      const env = {
        ...options.environment,
        AGENT_TASK_ID: input.task_id,
        AGENT_ATTEMPT: String(input.attempt),
      };
      const child = spawn(program, args, { detached: true, env, stdio: "pipe" });
      const ending = await runToEnd(child, input, runOptions, { maxOutputBytes, killAfterMs }).catch(
        (error: unknown) => {
          throw startError(program, error);
        },
      );
      runOptions.signal.throwIfAborted();
      const failure = failureOf(program, ending, maxOutputBytes);
      if (failure === null) return textResult(ending.stdout.replace(/\r?\n$/, ""));
      const stderr = ending.stderr.trim();
      logger.warn({ task_id: input.task_id, code: failure.code, stderr }, failure.message);
      throw failure;
    },
  };
}

type Limits = Required<Pick<CommandAgentOptions, "maxOutputBytes" | "killAfterMs">>;

/** Resolves when the program and all that holds its pipes are gone; rejects only when it cannot be started. */
function runToEnd(
  child: ChildProcessWithoutNullStreams,
  input: AgentInput,
  { signal, onEvent }: AgentRunOptions,
  { maxOutputBytes, killAfterMs }: Limits,
): Promise<Ending> {
  const output = { stdout: "", stderr: "", bytes: 0 };
  let force: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(child.pid, "SIGTERM");
    force ??= setTimeout(() => killGroup(child.pid, "SIGKILL"), killAfterMs);
  };
  child.stdout.setEncoding("utf8").on("data", (delta: string) => {
    output.bytes += Buffer.byteLength(delta);
    if (output.bytes > maxOutputBytes) return end();
    output.stdout += delta;
    onEvent({ type: "text", delta });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr = (output.stderr + text).slice(-STDERR_TAIL);
  });
  // A program need not read its input: then writing fails, and its exit tells the rest.
  child.stdin.on("error", () => undefined).end(input.prompt);
  signal.addEventListener("abort", end, { once: true });
  // What the program leaves behind in its group would hold the pipes open.
  child.once("exit", () => killGroup(child.pid, "SIGKILL"));
  return new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, exitSignal) =>
      resolve({ ...output, code, signal: exitSignal, tooLarge: output.bytes > maxOutputBytes }),
    );
  }).finally(() => {
    clearTimeout(force);
    signal.removeEventListener("abort", end);
  });
}

/** The message travels to whom the task's end is delivered, so what the program said stays in the details. */
function failureOf(program: string, ending: Ending, maxOutputBytes: number): AgentError | null {
  if (ending.tooLarge) {
    return new AgentError({
      code: "AGENT_OUTPUT_TOO_LARGE",
      message: `The agent command "${program}" printed more than ${maxOutputBytes} bytes and was ended. Let it print less.`,
    });
  }
  const { code, signal } = ending;
  if (code === 0) return null;
  const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
  return new AgentError({
    code: "AGENT_COMMAND_FAILED",
    message: `The agent command "${program}" ${how}.`,
    details: { exitCode: code, signal, stderr: ending.stderr.trim() },
  });
}

function startError(program: string, cause: unknown): AgentError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  return new AgentError({
    code: code === "ENOENT" ? "AGENT_COMMAND_NOT_FOUND" : "AGENT_COMMAND_FAILED",
    message: `The agent command "${program}" cannot be started (${code}). Set AGENT_COMMAND to a program that is installed and may be executed by this user.`,
    details: { program },
    cause,
  });
}
