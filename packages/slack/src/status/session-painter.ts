import type { FailedDelivery } from "@core/registry";
import type { SlackAccess } from "../slack-access.ts";
import type { SlackOrigin } from "../slack-origin.ts";
import type { PainterOptions, StatusPainter } from "./status-painter.ts";
import { paint } from "./status-painter.ts";

/**
 * Shows a status as Slack's own of an agent's session in the thread; where an app has no sessions, as the line "is
 * thinking…" under it, which Slack takes away after two minutes.
 */
export function createSessionPainter(options: PainterOptions): StatusPainter {
  const withoutSessions = new Set<string>();

  return {
    storageKey: "status_sessions",
    methods: { set: SET_STATUS, clear: SET_STATUS },
    passing: ({ state }) => (state === "working" ? [WORKING] : []),
    lasting: () => [],
    set: (message) => setStatus(message, "processing", "is thinking…"),
    clear: (message) => setStatus(message, "active", ""),
  };

  async function setStatus(
    message: SlackOrigin,
    session: string,
    line: string,
  ): Promise<FailedDelivery | null> {
    const team = message.installation ?? "";
    const { channel_id, message_ts, thread_ts = message_ts } = message;
    const place = { channel_id, thread_ts };
    if (!withoutSessions.has(team)) {
      const failure = await paint(message, options, ({ web }) =>
        web.call(SET_STATUS, (sdk) => sdk.agents.sessions.setStatus({ ...place, status: session })),
      );
      if (failure === null || !NO_SESSIONS.includes(failure.code)) return failure;
      withoutSessions.add(team);
    }
    return paint(message, options, ({ web }: SlackAccess) =>
      web.call("assistant.threads.setStatus", (sdk) =>
        sdk.assistant.threads.setStatus({ ...place, status: line }),
      ),
    );
  }
}

const SET_STATUS = "agents.sessions.setStatus";

/** What is kept over a restart: that the session is at work. */
const WORKING = "processing";

/** An app or a workspace without sessions of agents. */
const NO_SESSIONS: readonly string[] = [
  "unknown_method",
  "feature_not_enabled",
  "method_deprecated",
  "not_allowed",
  "app_not_agent",
];
