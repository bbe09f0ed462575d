import type { ApiAnswer, ApiCall, Method } from "./api-call.ts";
import { characters, refused } from "./api-call.ts";
import type { StoredMessage } from "./message-rules.ts";
import { authorRefusal, contentRefusal, isEmpty, threadRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { FakeStreams } from "./streams.ts";

export interface PostingOptions {
  readonly emulator: SlackEmulator;
  readonly streams: Pick<FakeStreams, "isOpen" | "edited">;
  readonly onPosted: (channel: string, message: StoredMessage) => void;
}

/** The methods that write messages whole: what the emulator would take too easily is refused before it. */
export function postingMethods(options: PostingOptions): Readonly<Record<string, Method>> {
  const { emulator } = options;
  return {
    "chat.postMessage": (call) => post(call, options),
    "chat.postEphemeral": (call) => passChecked(call, emulator),
    "chat.scheduleMessage": (call) => passChecked(call, emulator),
    "chat.update": (call) => update(call, options),
  };
}

async function post(call: ApiCall, { emulator, onPosted }: PostingOptions): Promise<ApiAnswer> {
  const answer = await passChecked(call, emulator);
  if (answer.ok) onPosted(String(answer["channel"]), answer["message"] as StoredMessage);
  return answer;
}

async function passChecked(call: ApiCall, emulator: SlackEmulator): Promise<ApiAnswer> {
  const { method, args, caller } = call;
  const refusal =
    contentRefusal(args) ??
    (isEmpty(args) ? refused("no_text") : undefined) ??
    authorRefusal(call) ??
    (await threadRefusal(emulator, args["channel"], args["thread_ts"]));
  return refusal ?? emulator.call(method, asStored(call), caller.token);
}

/** The emulator knows no Markdown, so its source stands for it; and who a bot is, it wants to be told. */
function asStored({ args, caller }: ApiCall): Record<string, string> {
  const { markdown_text: markdown, bot_id: _botId, app_id: _appId, ...rest } = args;
  return {
    ...rest,
    ...(markdown !== undefined && { text: markdown }),
    ...(caller.botId !== undefined && { bot_id: caller.botId }),
    ...(caller.appId !== undefined && { app_id: caller.appId }),
  };
}

const UPDATE_CHARACTERS = 4_000;

async function update(call: ApiCall, { emulator, streams }: PostingOptions): Promise<ApiAnswer> {
  const { args, caller } = call;
  const { channel = "", ts = "", text = "" } = args;
  const refusal = contentRefusal(args);
  if (refusal !== undefined) return refusal;
  if (characters(text) > UPDATE_CHARACTERS) return refused("msg_too_long");
  if (streams.isOpen(channel, ts)) return refused("streaming_state_conflict");
  const { username: _name, icon_url: _url, icon_emoji: _emoji, ...stored } = asStored(call);
  const answer = await emulator.call("chat.update", stored, caller.token);
  if (answer.ok) streams.edited(channel, ts);
  return answer;
}
