import type { DeliveryMetadata } from "../delivery-metadata.ts";

/** A message whose text grows while people read it. */
export interface LiveMessage {
  /** Slack's name of it. */
  readonly ts: string;
  grow(text: GrownText): Promise<void>;
  /** Ends it; `isLast` when no other message follows. */
  close(text: GrownText, isLast: boolean): Promise<void>;
}

/** A text before and after it has grown. */
interface GrownText {
  /** What is new, behind what is shown. */
  readonly added: string;
  /** All of it, with its last fence closed. */
  readonly whole: string;
}

/** One way to show a growing text. Its calls are one request each, and reject as a client does. */
export interface LiveForm {
  /** What one message holds, as `size` counts it. */
  readonly capacity: number;
  size(text: string): number;
  /** After which a message is closed, and another one goes on. */
  readonly lifetimeMs: number;
  /** Between two calls of one message. */
  readonly paceMs: number;
  /** How long a call has to wait for Slack's limits; 0: it may be made. */
  waitMs(call: "open" | "grow"): number;
  /** `mark` tells which part of which delivery the message is, as soon as Slack lets it. */
  open(text: GrownText, mark: DeliveryMetadata): Promise<LiveMessage>;
}
