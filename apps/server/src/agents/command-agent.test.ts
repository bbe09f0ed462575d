import { setTimeout as sleep } from "node:timers/promises";
import type { AgentEvent, Logger, TaskResult } from "@core/registry";
import { silentLogger } from "@core/registry";
import { describe, expect, test, vi } from "vitest";
import { procTable } from "../processes/process-table.ts";
import { agentInput, recordedRun } from "../testing/agent-run.ts";
import { eventually } from "../testing/eventually.ts";
import { AgentError } from "./agent-error.ts";
import type { CommandAgentOptions } from "./command-agent.ts";
import { createCommandAgent } from "./command-agent.ts";
import { createEchoAgent } from "./echo-agent.ts";

const environment = { PATH: process.env["PATH"], GREETING: "hello" };

describe("echo agent", () => {
  test("the result is the prompt", async () => {
    expect(await createEchoAgent().run(agentInput({ prompt: "Hello" }), recordedRun())).toEqual({
      text: "Hello",
      files: [],
      actions: [],
    });
  });
});

describe("command agent", () => {
  test("the prompt is the standard input and the standard output the result, without its last line break", async () => {
    expect(await run("cat; echo; echo", "two\nlines é")).toMatchObject({ text: "two\nlines é\n" });
  });

  test("the program has the given environment, and the task's id and attempt", async () => {
    expect(await run('echo "$GREETING $AGENT_TASK_ID $AGENT_ATTEMPT $HOME"')).toMatchObject({
      text: "hello task-1 2 ",
    });
  });

  test("what it prints is told while it runs", async () => {
    const events: AgentEvent[] = [];
    await run("printf one; sleep 0.1; printf two", "", { onEvent: (event) => void events.push(event) });
    expect(events).toEqual([
      { type: "text", delta: "one" },
      { type: "text", delta: "two" },
    ]);
  });

  test("a program that does not read its input is no failure", async () => {
    expect(await run("echo done", "x".repeat(1_000_000))).toMatchObject({ text: "done" });
  });

  test("an exit code is an error that is not run again; what it said is for the operator only", async () => {
    const warn = vi.fn<Logger["warn"]>();
    const logger = { ...silentLogger, warn };
    const error = await failureOf(run("echo half; echo no such model >&2; exit 3", "", { logger }));
    expect(error).toMatchObject({
      code: "AGENT_COMMAND_FAILED",
      retryable: false,
      message: 'The agent command "sh" ended with exit code 3.',
      details: { exitCode: 3, stderr: "no such model" },
    });
    expect(warn.mock.calls).toEqual([
      [{ task_id: "task-1", code: "AGENT_COMMAND_FAILED", stderr: "no such model" }, error.message],
    ]);
  });

  test("a program that is not there is told by name", async () => {
    const error = await failureOf(run("", "", { command: ["no-such-agent"] }));
    expect(error).toMatchObject({ code: "AGENT_COMMAND_NOT_FOUND", retryable: false });
    expect(error.message).toContain("AGENT_COMMAND");
  });

  test("one that prints without end is ended", async () => {
    const error = await failureOf(run("yes", "", { maxOutputBytes: 10_000 }));
    expect(error).toMatchObject({ code: "AGENT_OUTPUT_TOO_LARGE" });
  });

  test("an abort ends the whole group, also one that ignores TERM", async () => {
    const abort = new AbortController();
    let pids: readonly number[] = [];
    const running = run("trap '' TERM; sleep 60 & echo $$ $!; wait; sleep 60", "", {
      signal: abort.signal,
      killAfterMs: 100,
      onEvent: (event) =>
        void (pids = event.type === "text" ? event.delta.trim().split(" ").map(Number) : []),
    });
    await eventually(() => pids.length === 2);
    abort.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    await eventually(() => pids.every((pid) => procTable.read(pid) === null));
  });

  test("what it leaves behind in its group does not outlive it", async () => {
    const { text } = await run("sleep 60 & echo $!");
    await sleep(50);
    expect(procTable.read(Number(text))).toBeNull();
  });
});

interface RunOptions extends Partial<CommandAgentOptions> {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: AgentEvent) => void;
}

function run(script: string, prompt = "", options: RunOptions = {}): Promise<TaskResult> {
  const { signal, onEvent, ...rest } = options;
  const agent = createCommandAgent({ command: ["sh", "-c", script], environment, ...rest });
  const told = { ...(signal === undefined ? {} : { signal }), ...(onEvent === undefined ? {} : { onEvent }) };
  return agent.run(agentInput({ prompt, attempt: 2 }), recordedRun(told));
}

async function failureOf(running: Promise<unknown>): Promise<AgentError> {
  const error: unknown = await running.catch((thrown: unknown) => thrown);
  if (error instanceof AgentError) return error;
  throw new Error("It did not fail as an agent fails.", { cause: error });
}
