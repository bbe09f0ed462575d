import type { FailedDelivery, Logger } from "@core/registry";
import type { SlackAccess, SlackAccessOptions } from "../slack-access.ts";
import { openSlack } from "../slack-access.ts";
import type { SlackOrigin } from "../slack-origin.ts";
import type { RunView } from "./run-view.ts";

/** One way to show a status in Slack. */
export interface StatusPainter {
  /** Where it is kept what has to be taken away. */
  readonly storageKey: string;
  /** The methods that it calls, by which Slack's limits are known. */
  readonly methods: { readonly set: string; readonly clear: string };
  /** What is shown as long as a view lasts. */
  passing(view: RunView): readonly string[];
  /** What is shown for good. */
  lasting(view: RunView): readonly string[];
  /** Null when it is there, though it was there before. */
  set(message: SlackOrigin, name: string): Promise<FailedDelivery | null>;
  /** Null when it is not there, though it was not there before. */
  clear(message: SlackOrigin, name: string): Promise<FailedDelivery | null>;
}

export interface PainterOptions {
  readonly access: SlackAccessOptions;
  /** Ends every call. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Makes a call with the token of a message's workspace, at once or not at all; what fails is judged, never thrown. */
export async function paint(
  message: SlackOrigin,
  { access: options, signal, logger }: PainterOptions,
  call: (access: SlackAccess) => Promise<unknown>,
): Promise<FailedDelivery | null> {
  const access = await openSlack(message, { signal, logger }, { ...options, longestWaitMs: 0 });
  if ("status" in access) return access;
  try {
    await call(access);
    return null;
  } catch (error) {
    return access.failureOf(error);
  }
}
