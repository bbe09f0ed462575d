import type { Caller } from "./fake-tokens.ts";

/** One call of the Web API that was let in. */
export interface ApiCall {
  readonly method: string;
  readonly args: Args;
  readonly caller: Caller;
}

/** As in a form: what is nested is written as JSON. */
export type Args = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** Answers the calls of one method. */
export type Method = (call: ApiCall) => ApiAnswer | Promise<ApiAnswer>;

export function accepted(fields: Readonly<Record<string, unknown>> = {}): ApiAnswer {
  return { ok: true, ...fields };
}

/** Slack's refusal by its code, with what it says of single arguments. */
export function refused(error: string, ...messages: readonly string[]): ApiAnswer {
  if (messages.length === 0) return { ok: false, error };
  return { ok: false, error, response_metadata: { messages: messages.map((text) => `[ERROR] ${text}`) } };
}

/** A refusal when one of these arguments is not there. */
export function missingArgument(args: Args, ...names: readonly string[]): ApiAnswer | undefined {
  const missing = names.filter((name) => (args[name] ?? "") === "");
  if (missing.length === 0) return undefined;
  return refused("invalid_arguments", ...missing.map((name) => `missing required field: ${name}`));
}

/** Reads an argument that is JSON; undefined when it is none. */
export function jsonArgument(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isTrue(text: string | undefined): boolean {
  return text === "true" || text === "1";
}

/** How Slack counts: an emoji is one character. */
export function characters(text: string): number {
  return Array.from(text).length;
}
