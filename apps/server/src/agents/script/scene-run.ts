import type {
  AgentInput,
  AgentRunOptions,
  ClientAction,
  Clock,
  FilePort,
  FileRef,
  JsonValue,
  TaskResult,
} from "@core/registry";
import { pause, untilAborted } from "../aborted.ts";
import { AgentError, AgentRetry } from "../agent-error.ts";
import { gatedTool } from "../gated-tool.ts";
import { scriptFileContent } from "./script-file-content.ts";
import type { ErrorStep, FileStep, Step, ToolStep } from "./script.ts";
import { turnsOf } from "./turns.ts";
import type { Turn } from "./turns.ts";

export interface SceneRunOptions {
  readonly input: AgentInput;
  readonly runOptions: AgentRunOptions;
  readonly files: Pick<FilePort, "put"> | undefined;
  readonly clock: Clock;
}

/** Plays a scene and tells it as the run of a model would be told. */
export async function playScene(steps: readonly Step[], options: SceneRunOptions): Promise<TaskResult> {
  const run: SceneRun = {
    input: options.input,
    runOptions: options.runOptions,
    clock: options.clock,
    store: options.files,
    toolsCount: new Set(steps.flatMap((step) => ("tool" in step ? [step.tool] : []))).size,
    iteration: 0,
    messages: options.input.execution.system_preamble === undefined ? 1 : 2,
    text: "",
    files: [],
    actions: [],
    usage: { input_tokens: 0, output_tokens: 0 },
  };
  for (const turn of turnsOf(steps)) {
    if (turn.asksModel) await callModel(run, turn);
    else await playSteps(run, turn);
    for (const tool of turn.tools) await callTool(run, tool);
    run.messages += 1 + turn.tools.length;
  }
  const { text, files, actions, usage } = run;
  return { text, files, actions, usage };
}

const MODEL = "script";

/** A run and what has come of it so far. */
interface SceneRun extends Omit<SceneRunOptions, "files"> {
  readonly store: SceneRunOptions["files"];
  readonly toolsCount: number;
  iteration: number;
  messages: number;
  text: string;
  readonly files: FileRef[];
  readonly actions: ClientAction[];
  readonly usage: { input_tokens: number; output_tokens: number };
}

async function callModel(run: SceneRun, turn: Turn): Promise<void> {
  const { input, runOptions, clock, usage } = run;
  run.iteration += 1;
  const about = { model: MODEL, iteration: run.iteration };
  const counts = { message_count: run.messages, tools_count: run.toolsCount };
  runOptions.onEvent({ type: "llm_start", provider_id: MODEL, ...about, ...counts });
  const startedAt = clock.now();
  await playSteps(run, turn);
  const duration_ms = Math.max(0, clock.now() - startedAt);
  const input_tokens = wordsOf(input.prompt);
  const output_tokens = turn.steps.filter((step) => "text" in step).length;
  usage.input_tokens += input_tokens;
  usage.output_tokens += output_tokens;
  const cost = { duration_ms, input_tokens, output_tokens };
  runOptions.onEvent({ type: "llm_end", ...about, ...cost, fallback_from: null });
}

async function playSteps(run: SceneRun, { steps }: Turn): Promise<void> {
  const { signal } = run.runOptions;
  for (const step of steps) {
    signal.throwIfAborted();
    if ("text" in step) say(run, step.text);
    else if ("delay_ms" in step) await pause(run.clock, step.delay_ms, signal);
    else if ("file" in step) await putFile(run, step.file);
    else if ("action" in step) run.actions.push(step.action);
    else throw scriptedError(step);
  }
}

function say(run: SceneRun, template: string): void {
  const { prompt, attempt } = run.input;
  const delta = template.replaceAll(/\{\{(prompt|attempt)\}\}/g, (_, name) =>
    name === "prompt" ? prompt : String(attempt),
  );
  run.text += delta;
  run.runOptions.onEvent({ type: "text", delta });
}

async function callTool({ runOptions, clock, iteration }: SceneRun, step: ToolStep): Promise<void> {
  const { tool, args = {}, result = null, duration_ms = 0, error } = step;
  const work = async (): Promise<JsonValue> => {
    if (duration_ms > 0) await pause(clock, duration_ms, runOptions.signal);
    if (error !== undefined) throw new Error(error);
    return result;
  };
  await gatedTool({ tool_name: tool, tool_args: args, iteration }, work, runOptions, clock);
}

async function putFile({ store, runOptions, files }: SceneRun, file: FileStep["file"]): Promise<void> {
  const { signal, onEvent } = runOptions;
  if (store === undefined) throw noStore(file.name);
  const { name, content_type = file.text === undefined ? "application/octet-stream" : "text/plain" } = file;
  const content = scriptFileContent(file, signal);
  const ref = await untilAborted(signal, () => store.put(content, { name, content_type }));
  files.push(ref);
  onEvent({ type: "file", file: ref });
}

function wordsOf(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

function scriptedError({ error: message, retryable = false, retry_after_ms = 0 }: ErrorStep): Error {
  const code = "AGENT_SCRIPT_ERROR";
  if (retryable) return new AgentRetry({ code, message, retryAfterMs: retry_after_ms });
  return new AgentError({ code, message });
}

function noStore(name: string): AgentError {
  return new AgentError({
    code: "AGENT_SCRIPT_NO_FILES",
    message: `The script's file "${name}" cannot be kept, because this agent has no store of files. Give it one, or take the step out of the file of AGENT_SCRIPT.`,
  });
}
