import type { ApiAnswer } from "./api-call.ts";
import { refused } from "./api-call.ts";
import type { Caller, TokenKind } from "./fake-tokens.ts";
import { missingScope } from "./fake-tokens.ts";
import type { IncomingCall } from "./incoming-call.ts";

/** The refusal of a call by its token and its form, before its arguments are looked at. */
export function callRefusal({ method, isJson }: IncomingCall, caller: Caller): ApiAnswer | undefined {
  if (!kindsOf(method).includes(caller.kind)) return refused("not_allowed_token_type");
  const scope = SCOPES.get(method);
  const refusal = scope === undefined ? undefined : missingScope(caller, scope);
  if (refusal !== undefined) return refusal;
  // Slack reads no JSON here, and then misses all arguments.
  return isJson && FORM_ONLY.has(method)
    ? refused("invalid_arguments", "missing required fields")
    : undefined;
}

function kindsOf(method: string): readonly TokenKind[] {
  if (method.startsWith("apps.")) return ["app"];
  return /^(agents\.sessions\.|chat\.\w+Stream$)/.test(method) ? ["bot"] : ["bot", "user"];
}

/** Of the methods that are not listed, the emulator knows. */
const SCOPES: ReadonlyMap<string, string> = new Map([
  ...needing("assistant:write", "assistant.threads.setSuggestedPrompts assistant.threads.setTitle"),
  ...needing(
    "chat:write",
    `agents.sessions.rename agents.sessions.setStatus assistant.threads.setStatus chat.appendStream
    chat.postEphemeral chat.postMessage chat.scheduleMessage chat.startStream chat.stopStream chat.update`,
  ),
  ...needing("connections:write", "apps.connections.open"),
  ...needing("files:write", "files.completeUploadExternal files.getUploadURLExternal"),
  ...needing("reactions:write", "reactions.add reactions.remove"),
]);

function needing(scope: string, methods: string): (readonly [string, string])[] {
  return methods.split(/\s+/).map((method) => [method, scope]);
}

const FORM_ONLY: ReadonlySet<string> = new Set(
  `bots.info chat.getPermalink conversations.history conversations.info conversations.list conversations.members
  conversations.replies emoji.list files.getUploadURLExternal files.info files.list reactions.get reactions.list
  team.info users.conversations users.info users.list users.lookupByEmail`.split(/\s+/),
);
