import { createHooks } from "@core/registry";
import type { GateDecision, HookContext, HookName, Hooks, StoragePort } from "@core/registry";
import { createFakeContext, createRecordingLogger } from "@core/testing";
import type { ManualClock, RecordingLogger } from "@core/testing";
import type { CallBudget } from "../src/call-budget.ts";
import { createCallBudget } from "../src/call-budget.ts";
import type { SlackOrigin } from "../src/slack-origin.ts";
import { slackOrigin } from "../src/slack-origin.ts";
import type { StatusMode } from "../src/status/status-hooks.ts";
import { createStatusHooks } from "../src/status/status-hooks.ts";
import type { FakeSlack } from "../src/testing.ts";
import { FAKE_BOT_TOKEN } from "../src/testing.ts";

export interface StatusRigOptions {
  readonly slack: FakeSlack;
  readonly clock: ManualClock;
  /** Of an earlier rig, as after a restart. */
  readonly storage?: StoragePort;
  readonly mode?: StatusMode;
  readonly token?: string;
  readonly budget?: CallBudget;
}

/** A server whose runs are told by hand. */
export interface StatusRig {
  readonly hooks: Hooks;
  readonly logger: RecordingLogger;
  readonly storage: StoragePort;
  /** Lets what waits be shown, and waits for Slack. */
  show(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The run of a task that came from a message in the first channel. */
  runOn(messageTs: string, correlationId?: string, more?: Partial<SlackOrigin>): ToldRun;
}

interface ToldRun {
  begin(): Promise<void>;
  call(toolName: string): Promise<GateDecision>;
  /** The agent has answered, or failed. */
  answer(hasFailed?: boolean): Promise<void>;
  /** The task has ended. */
  end(status?: "complete" | "failed" | "cancelled"): Promise<void>;
}

export function createStatusRig({
  slack,
  clock,
  mode = "reactions",
  budget = createCallBudget(clock),
  ...options
}: StatusRigOptions): StatusRig {
  const logger = createRecordingLogger();
  const { storage = createFakeContext({ config: {} }).storage, token = FAKE_BOT_TOKEN } = options;
  const secrets = { resolve: async () => token };
  const access = { fetch, secrets, apiUrl: slack.apiUrl, budget };
  const status = createStatusHooks({ mode, access, storage, clock, logger });
  const hooks = createHooks({ clock });
  for (const { event, listener } of status.hooks) hooks.on<HookName>(event, listener);
  return {
    hooks,
    logger,
    storage,
    start: status.start,
    stop: () => status.stop(AbortSignal.timeout(5_000)),
    async show() {
      await hooks.flush();
      await clock.elapse(500);
      await status.settled();
    },
    runOn: (message_ts, correlationId = message_ts, more = {}) =>
      toldRun(hooks, {
        ...NOBODY,
        correlation_id: correlationId,
        origin: slackOrigin({ channel_id: slack.channelId(), message_ts, ...more }),
      }),
  };
}

const NOBODY: HookContext = {
  bot_id: null,
  session_id: null,
  channel_id: null,
  client_id: null,
  correlation_id: null,
  origin: null,
};

function toldRun(hooks: Hooks, context: HookContext): ToldRun {
  return {
    async begin() {
      const given = { user_message: "Go.", system_preamble: "", execution: {} };
      await hooks.waterfall("before_context_assembly", context, given);
    },
    call: (tool_name) =>
      hooks.gate("before_tool_execution", context, { tool_name, tool_args: {}, iteration: 1 }),
    async answer(hasFailed = false) {
      hooks.emit("after_response", context, { response_length: 1, tool_calls_made: 0, error: hasFailed });
      await hooks.flush();
    },
    async end(status = "complete") {
      const task = { task_id: "t1", task_type: "agent", reason: "api" };
      hooks.emit("after_task_complete", context, { ...task, status });
      await hooks.flush();
    },
  };
}
