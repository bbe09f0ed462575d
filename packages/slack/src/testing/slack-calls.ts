import type { Clock } from "@core/registry";
import type { Args } from "./api-call.ts";
import type { TokenKind } from "./fake-tokens.ts";
import type { Fault, FaultPlan, FaultyAnswer } from "./faults.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { readIncomingCall } from "./incoming-call.ts";
import type { HttpAnswer, HttpRequest, Reply } from "./slack-server.ts";

/** One call as it came. */
export interface SlackCall {
  /** Such as `chat.postMessage`; `upload` and `download` for the bytes of files. */
  readonly method: string;
  /** Without the token, wherever it stood; what was sent as JSON has its values as texts. */
  readonly form: Args;
  readonly isJson: boolean;
  /** `unknown` when no valid token has this one's value. */
  readonly tokenKind: TokenKind | "unknown" | "none";
  readonly authorization: string | undefined;
  /** What it met. */
  readonly fault: Fault | null;
}

export interface SlackCallsOptions {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly tokenKind: (token: string | undefined) => SlackCall["tokenKind"];
  /** Answers what no fault kept away. */
  readonly answer: (call: IncomingCall, request: HttpRequest) => Promise<HttpAnswer>;
}

export interface SlackCalls {
  readonly calls: readonly SlackCall[];
  reply(request: HttpRequest): Promise<Reply>;
  /** Resolves when a call hangs. */
  hanging(): Promise<void>;
  reset(): void;
}

/** Notes every call before Slack has it, and makes some of them fail. */
export function createSlackCalls({ clock, faults, tokenKind, answer }: SlackCallsOptions): SlackCalls {
  const calls: SlackCall[] = [];
  let hanging = Promise.withResolvers<void>();
  return {
    calls,
    async reply(request) {
      const call = await readIncomingCall(request);
      const { method, args: form, isJson, authorization } = call;
      const fault = faults.next(method);
      calls.push({ method, form, isJson, authorization, tokenKind: tokenKind(call.token), fault });
      if (fault === "hang") {
        hanging.resolve();
        return "hang";
      }
      if (fault === "drop_before") return "drop";
      if (isAnswer(fault)) return fault;
      const answered = await answer(call, request);
      if (fault === "drop_after") return "drop";
      if (fault !== null) await new Promise<void>((resolve) => void clock.after(fault.lateMs, resolve));
      return answered;
    },
    hanging: () => hanging.promise,
    reset() {
      calls.length = 0;
      hanging = Promise.withResolvers<void>();
    },
  };
}

function isAnswer(fault: Fault | null): fault is FaultyAnswer {
  return typeof fault === "object" && fault !== null && !("lateMs" in fault);
}
