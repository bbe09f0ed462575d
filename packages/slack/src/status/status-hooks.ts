import type { HookSubscription, IntegrationContext } from "@core/registry";
import type { SlackAccessOptions } from "../slack-access.ts";
import { createReactionPainter } from "./reaction-painter.ts";
import type { RunBook } from "./run-book.ts";
import { createRunBook } from "./run-book.ts";
import { createSessionPainter } from "./session-painter.ts";
import type { StatusBoard } from "./status-board.ts";
import { createStatusBoard } from "./status-board.ts";
import { createStatusNotes } from "./status-notes.ts";
import type { StatusPainter } from "./status-painter.ts";

/** How people see that their message is being worked on. */
export type StatusMode = "reactions" | "session" | "off";

export interface StatusHooksOptions extends Pick<IntegrationContext, "storage" | "clock" | "logger"> {
  readonly mode: StatusMode;
  readonly access: SlackAccessOptions;
}

export interface StatusHooks {
  readonly hooks: readonly HookSubscription[];
  /** Takes away what an earlier process has left, whichever way it showed it. */
  start(): Promise<void>;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
}

/** Shows on the message that a task came from how its runs go. No listener waits for Slack, and none fails. */
export function createStatusHooks({ mode, access, storage, clock, logger }: StatusHooksOptions): StatusHooks {
  const ending = new AbortController();
  const { budget } = access;
  const boardOf = (painter: StatusPainter): StatusBoard =>
    createStatusBoard({
      painter,
      notes: createStatusNotes(storage, painter.storageKey),
      budget,
      clock,
      logger,
    });
  const tools = { access, signal: ending.signal, logger };
  const boards = {
    reactions: boardOf(createReactionPainter(tools)),
    session: boardOf(createSessionPainter(tools)),
  };
  const all = Object.values(boards);
  const book = createRunBook({
    clock,
    onChange: (message, view) => mode !== "off" && boards[mode].show(message, view),
  });

  return {
    hooks: mode === "off" ? [] : hooksOf(book),
    async start() {
      const started = await Promise.allSettled(all.map((board) => board.start()));
      for (const one of started) {
        if (one.status === "rejected")
          logger.warn({ err: one.reason }, "What an earlier process has left in Slack could not be read.");
      }
    },
    settled: async () => void (await Promise.all(all.map((board) => board.settled()))),
    async stop(signal) {
      signal.addEventListener("abort", () => ending.abort(signal.reason), { once: true });
      book.close();
      await Promise.all(all.map((board) => board.stop()));
      ending.abort();
    },
  };
}

function hooksOf(book: RunBook): readonly HookSubscription[] {
  return [
    { event: "before_context_assembly", listener: ({ context }) => book.began(context) },
    {
      event: "before_tool_execution",
      listener: ({ context, data }) => book.calledTool(context, data.tool_name),
    },
    { event: "after_response", listener: ({ context, data }) => book.answered(context, data.error) },
    { event: "after_task_complete", listener: ({ context, data }) => book.ended(context, data.status) },
  ];
}
