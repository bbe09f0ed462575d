import type { Clock, HookContext, HookData } from "@core/registry";
import type { SlackOrigin } from "../slack-origin.ts";
import { readSlackOrigin } from "../slack-origin.ts";
import type { RunView } from "./run-view.ts";
import { viewOf } from "./run-view.ts";

export interface RunBookOptions {
  readonly clock: Clock;
  /** Called at once with every change; of several on one message, with what they come to. */
  readonly onChange: (message: SlackOrigin, view: RunView) => void;
}

/** Follows the runs of tasks that came from a message in Slack; of others it takes no notice. */
export interface RunBook {
  began(context: HookContext): void;
  /** Counts only while the run works: a call that is told too late changes nothing. */
  calledTool(context: HookContext, toolName: string): void;
  /** The agent has answered or failed. Whether the task has ended with it is told soon, or never. */
  answered(context: HookContext, hasFailed: boolean): void;
  ended(context: HookContext, status: HookData<"after_task_complete">["status"]): void;
  /** Forgets all runs. */
  close(): void;
}

/** After an answer the end of the task follows at once, unless it is tried again or was cancelled. */
const END_FOLLOWS_MS = 5_000;

/** A run that has shown no sign of life for so long is forgotten. */
const LONGEST_SILENCE_MS = 2 * 60 * 60_000;

export function createRunBook({ clock, onChange }: RunBookOptions): RunBook {
  const messages = new Map<string, Map<string, Run>>();

  return {
    began(context) {
      const message = readSlackOrigin(context.origin);
      if (message !== null) change(context, message, { state: "working", tools: [] });
    },
    calledTool(context, toolName) {
      const { message, run } = find(context);
      if (message === null || run?.state !== "working" || run.isAnswered) return;
      const tools = run.tools.includes(toolName) ? run.tools : [...run.tools, toolName];
      change(context, message, { state: "working", tools });
    },
    answered(context, hasFailed) {
      const { message, run } = find(context);
      if (message === null || run?.state !== "working") return;
      run.isAnswered = true;
      const state = hasFailed ? "over" : "done";
      run.expectEnd(END_FOLLOWS_MS, () => change(context, message, { state, tools: [] }));
    },
    ended(context, status) {
      const message = readSlackOrigin(context.origin);
      const state = ({ complete: "done", failed: "failed", cancelled: "over" } as const)[status];
      if (message !== null) change(context, message, { state, tools: [] });
    },
    close() {
      for (const runs of messages.values()) for (const run of runs.values()) run.cancelTimer();
      messages.clear();
    },
  };

  function find(context: HookContext): { message: SlackOrigin | null; run: Run | undefined } {
    const message = readSlackOrigin(context.origin);
    const run = message === null ? undefined : messages.get(messageKey(message))?.get(runKey(context));
    return { message, run };
  }

  function change(context: HookContext, message: SlackOrigin, seen: Pick<Run, "state" | "tools">): void {
    const runs = messages.get(messageKey(message)) ?? new Map<string, Run>();
    runs.get(runKey(context))?.cancelTimer();
    const run = createRun(seen, clock);
    if (run.state === "working") {
      run.expectEnd(LONGEST_SILENCE_MS, () => change(context, message, { state: "over", tools: [] }));
    }
    runs.set(runKey(context), run);
    const view = viewOf([...runs.values()]);
    if (view.state === "working") messages.set(messageKey(message), runs);
    else messages.delete(messageKey(message));
    onChange(message, view);
  }
}

/** One message, whoever asks. */
export function messageKey({ installation = "", channel_id: channel, message_ts: ts }: SlackOrigin): string {
  return `${installation}/${channel}/${ts}`;
}

function runKey({ correlation_id: id }: HookContext): string {
  return id ?? "";
}

interface Run {
  readonly state: RunView["state"];
  readonly tools: readonly string[];
  isAnswered: boolean;
  /** Calls back unless something else happens before. */
  expectEnd(withinMs: number, otherwise: () => void): void;
  cancelTimer(): void;
}

function createRun({ state, tools }: Pick<Run, "state" | "tools">, clock: Clock): Run {
  let cancel = (): void => {};
  return {
    state,
    tools,
    isAnswered: false,
    expectEnd(withinMs, otherwise) {
      cancel();
      cancel = clock.after(withinMs, otherwise);
    },
    cancelTimer: () => cancel(),
  };
}
