import type { Clock, FailedDelivery, SentPart } from "@core/registry";
import { deliveryMetadata } from "../delivery-metadata.ts";
import { begunPart } from "./begun-parts.ts";
import type { LiveForm, LiveMessage } from "./live-message.ts";
import { fingerprint } from "./fingerprint.ts";
import { openFence } from "./open-fence.ts";
import { takePiece } from "./take-piece.ts";

export interface LiveTextOptions {
  readonly form: LiveForm;
  /** Whose text it is. */
  readonly deliveryId: string;
  /** Stores what is shown, and before that what is about to be. */
  readonly note: (part: SentPart) => Promise<void>;
  readonly failureOf: (error: unknown) => FailedDelivery;
  readonly clock: Clock;
}

/** A text that grows over as many messages as it takes. One call at a time; they reject when nothing can be noted. */
export interface LiveText {
  /** Whether anything was shown. */
  readonly hasBegun: boolean;
  /** When the present message has to be closed, by the clock; null when there is none. */
  readonly closesAt: number | null;
  /** Shows the beginning of a text with one call. */
  show(text: string): Promise<Shown>;
  /** Ends the present message, if there is one; `isLast` when no other follows. */
  close(isLast: boolean): Promise<void>;
}

/** How many characters are shown now, how long the call has to wait, or why it failed. */
type Shown = { readonly taken: number } | { readonly waitMs: number } | { readonly failure: FailedDelivery };

/** What closes a fence has room behind everything. */
const RESERVE = 40;

export function createLiveText({ form, deliveryId, note, failureOf, clock }: LiveTextOptions): LiveText {
  let messages = 0;
  let current: Current | null = null;
  /** What opens in the next message the fence that was closed in the last one. */
  let reopening = "";

  return {
    get hasBegun() {
      return messages > 0;
    },
    get closesAt() {
      return current?.closesAt ?? null;
    },
    async show(text) {
      const shown = current?.shown ?? reopening;
      const room = form.capacity - form.size(shown) - RESERVE;
      const isFull = room < form.capacity / 4 && form.size(text) > room;
      if (current !== null && (isFull || clock.now() >= current.closesAt)) {
        await close(false);
        return { taken: 0 };
      }
      const waitMs = form.waitMs(current === null ? "open" : "grow");
      if (waitMs > 0) return { waitMs };
      const piece = takePiece(text, room, form.size);
      const failure = await (current === null ? open(shown + piece) : grow(current, piece));
      return failure === null ? { taken: piece.length } : { failure };
    },
    close,
  };

  async function open(text: string): Promise<FailedDelivery | null> {
    const index = messages;
    await note(begunPart(index));
    const grown = { added: text, whole: text + fenceEnd(text) };
    const opened = await form.open(grown, deliveryMetadata(deliveryId, { index })).catch(failureOf);
    if ("failure" in opened) return opened;
    const closesAt = clock.now() + form.lifetimeMs;
    current = { message: opened, index, shown: text, isCertain: true, closesAt };
    messages += 1;
    await note({ index, external_id: opened.ts, shows: "" });
    return null;
  }

  /** What may have arrived counts as shown, so that it is never shown twice. */
  async function grow(live: Current, piece: string): Promise<FailedDelivery | null> {
    const text = live.shown + piece;
    const grown = live.message.grow({ added: piece, whole: text + fenceEnd(text) });
    const failure = await grown.then(() => null, failureOf);
    if (failure !== null && failure.failure !== "ambiguous") return failure;
    live.shown = text;
    live.isCertain &&= failure === null;
    return null;
  }

  async function close(isLast: boolean): Promise<void> {
    if (current === null) return;
    const { message, index, shown, isCertain } = current;
    current = null;
    const fence = openFence(shown);
    reopening = fence === null ? "" : `${fence.opening}\n`;
    const text = { added: fenceEnd(shown), whole: shown + fenceEnd(shown) };
    const failure = await message.close(text, isLast).then(() => null, failureOf);
    const shows = isCertain && failure === null ? fingerprint({ markdown_text: text.whole }) : "";
    await note({ index, external_id: message.ts, shows });
  }
}

interface Current {
  readonly message: LiveMessage;
  readonly index: number;
  readonly closesAt: number;
  shown: string;
  isCertain: boolean;
}

function fenceEnd(text: string): string {
  const fence = openFence(text);
  if (fence === null) return "";
  return text.endsWith("\n") ? fence.closing : `\n${fence.closing}`;
}
