import type { FailedDelivery } from "@core/registry";
import type { SlackOrigin } from "../slack-origin.ts";
import type { PainterOptions, StatusPainter } from "./status-painter.ts";
import { paint } from "./status-painter.ts";
import { toolEmoji } from "./tool-emoji.ts";

/** Shows a status by reactions to the message: an hourglass and the tools' emoji, and in the end how it went. */
export function createReactionPainter(options: PainterOptions): StatusPainter {
  return {
    storageKey: "status_reactions",
    methods: { set: ADD, clear: REMOVE },
    passing: (view) => (view.state === "working" ? [HOURGLASS, ...new Set(view.tools.map(toolEmoji))] : []),
    lasting: ({ state }) => (state === "done" ? [DONE] : state === "failed" ? [FAILED] : []),
    set: async (message, name) =>
      unless(
        "already_reacted",
        await paint(message, options, ({ web }) =>
          web.call(ADD, (sdk) => sdk.reactions.add(reaction(message, name))),
        ),
      ),
    clear: async (message, name) =>
      unless(
        "no_reaction",
        await paint(message, options, ({ web }) =>
          web.call(REMOVE, (sdk) => sdk.reactions.remove(reaction(message, name))),
        ),
      ),
  };
}

const ADD = "reactions.add";
const REMOVE = "reactions.remove";
const HOURGLASS = "hourglass_flowing_sand";
const DONE = "white_check_mark";
const FAILED = "x";

function reaction(
  { channel_id: channel, message_ts: timestamp }: SlackOrigin,
  name: string,
): { channel: string; timestamp: string; name: string } {
  return { channel, timestamp, name };
}

function unless(code: string, failure: FailedDelivery | null): FailedDelivery | null {
  return failure?.code === code ? null : failure;
}
