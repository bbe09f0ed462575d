import type { Clock } from "@core/registry";
import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { accepted, jsonArgument, missingArgument, refused } from "./api-call.ts";
import { authorRefusal, placeRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";

/** The lines under threads such as "is thinking…", and what else the older assistant's methods say. */
export interface FakeThreadStatus {
  readonly methods: Readonly<Record<string, Method>>;
  /** "" when there is none, or no longer. */
  line(channel: string, threadTs: string): string;
  /** A post takes the line of its thread away. */
  clear(channel: string, threadTs: string): void;
  reset(): void;
}

export function createThreadStatus(emulator: SlackEmulator, clock: Clock): FakeThreadStatus {
  const lines = new Map<string, { readonly status: string; readonly until: number }>();
  return {
    methods: {
      async "assistant.threads.setStatus"(call) {
        const { channel_id: channel = "", thread_ts: threadTs = "", status = "" } = call.args;
        const refusal = await statusRefusal(call, emulator);
        if (refusal !== undefined) return refusal;
        lines.set(`${channel} ${threadTs}`, { status, until: clock.now() + LINE_MS });
        return accepted();
      },
      "assistant.threads.setTitle": ({ args }) =>
        missingArgument(args, "channel_id", "thread_ts", "title") ?? accepted(),
      "assistant.threads.setSuggestedPrompts": (call) =>
        missingArgument(call.args, "channel_id", "prompts") ?? listRefusal(call, "prompts", 4) ?? accepted(),
    },
    line(channel, threadTs) {
      const line = lines.get(`${channel} ${threadTs}`);
      return line !== undefined && clock.now() < line.until ? line.status : "";
    },
    clear: (channel, threadTs) => void lines.delete(`${channel} ${threadTs}`),
    reset: () => lines.clear(),
  };
}

/** A line that nobody renews is gone after this long. */
const LINE_MS = 120_000;

async function statusRefusal(call: ApiCall, emulator: SlackEmulator): Promise<ApiAnswer | undefined> {
  const { channel_id: channel = "", thread_ts: threadTs = "", status } = call.args;
  return (
    missingArgument(call.args, "channel_id", "thread_ts") ??
    (status === undefined ? refused("invalid_arguments", "missing required field: status") : undefined) ??
    listRefusal(call, "loading_messages", 10) ??
    authorRefusal(call) ??
    (await placeRefusal(emulator, channel, threadTs))
  );
}

function listRefusal({ args }: ApiCall, name: string, most: number): ApiAnswer | undefined {
  const list = jsonArgument(args[name]);
  if (!Array.isArray(list) || list.length <= most) return undefined;
  return refused("invalid_arguments", `no more than ${most} items allowed [json-pointer:/${name}]`);
}
