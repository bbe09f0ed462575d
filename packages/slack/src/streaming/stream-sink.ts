import type { Clock, FailedDelivery, Logger, SentPart, StreamSink } from "@core/registry";
import { liveMarkdown } from "./live-markdown.ts";
import type { LiveForm } from "./live-message.ts";
import type { LiveText } from "./live-text.ts";
import { createLiveText } from "./live-text.ts";

/** What a stream is shown with, once its token is known. */
export interface StreamStage {
  /** The best one first; where one is refused, the next one is tried. */
  readonly forms: readonly LiveForm[];
  readonly failureOf: (error: unknown) => FailedDelivery;
}

export interface StreamSinkOptions {
  readonly deliveryId: string;
  /** Null: nothing can be shown before the end. */
  readonly openStage: () => Promise<StreamStage | null>;
  readonly note: (part: SentPart) => Promise<void>;
  /** A person has pressed Stop. */
  readonly onStopped: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** More text than this is shown sooner. */
const SOON_CHARACTERS = 1_000;
const SOON_MS = 250;

/** A message that was refused so often in a row is given up. */
const MOST_STRIKES = 3;

/** Shows a growing text with one call in flight, and as few as its pace allows. What fails is left to `deliver`. */
export function createStreamSink(options: StreamSinkOptions): StreamSink {
  const { openStage, deliveryId, note, onStopped, clock, logger } = options;
  let pending = "";
  /** The first half of a character whose second half is still to come. */
  let half = "";
  let stage: StreamStage | null = null;
  let live: LiveText | null = null;
  let forms: LiveForm[] = [];
  let strikes = 0;
  let lastCallAt = clock.now();
  /** Until then Slack takes no call. */
  let heldUntil = 0;
  let isOver = false;
  let isFinishing = false;
  let turn: Promise<void> | null = null;
  let cancelTimer = (): void => {};

  return {
    append(text) {
      if (isOver || isFinishing) return;
      const whole = half + text;
      half = /[\ud800-\udbff]$/.test(whole) ? whole.slice(-1) : "";
      pending += liveMarkdown(half === "" ? whole : whole.slice(0, -1));
      if (turn === null) schedule(nextMs());
    },
    async finish() {
      isFinishing = true;
      cancelTimer();
      await turn;
      await attempt(async () => {
        // What has not begun is one message in the end, and costs one call.
        if (live?.hasBegun !== true) return;
        await showAll();
        await live.close(true);
      });
      isOver = true;
    },
  };

  function nextMs(): number {
    const paceMs = pending.length >= SOON_CHARACTERS ? SOON_MS : (forms[0]?.paceMs ?? SOON_MS);
    return Math.max(0, Math.max(lastCallAt + paceMs, heldUntil) - clock.now());
  }

  function schedule(ms: number): void {
    cancelTimer();
    cancelTimer = clock.after(ms, () => {
      turn ??= attempt(takeTurn).finally(() => (turn = null));
    });
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      isOver = true;
      logger.debug({ err: error }, "A growing text is not shown any further in Slack.");
    }
  }

  async function takeTurn(): Promise<void> {
    heldUntil = clock.now() + (await showSome());
    if (live?.closesAt !== null && live !== null && clock.now() >= live.closesAt) await live.close(false);
    if (isOver || isFinishing) return;
    if (pending.trim() !== "") schedule(nextMs());
    else if (live !== null && live.closesAt !== null && live.closesAt < Infinity)
      schedule(live.closesAt - clock.now());
  }

  async function showAll(): Promise<void> {
    while (!isOver && pending.trim() !== "") if ((await showSome()) > 0) return;
  }

  /** Makes one call if there is something to show; how long the next one has to wait. */
  async function showSome(): Promise<number> {
    if (pending.trim() === "" || isOver) return 0;
    const text = await present();
    if (text === null) return 0;
    const shown = await text.show(pending);
    if ("waitMs" in shown) return shown.waitMs;
    lastCallAt = clock.now();
    if ("failure" in shown) return afterFailure(shown.failure, text);
    if (shown.taken > 0) strikes = 0;
    pending = pending.slice(shown.taken);
    return 0;
  }

  async function present(): Promise<LiveText | null> {
    if (stage === null) {
      stage = await openStage();
      forms = [...(stage?.forms ?? [])];
    }
    const [form] = forms;
    isOver ||= form === undefined || stage === null;
    if (form === undefined || stage === null) return null;
    live ??= createLiveText({ form, deliveryId, note, failureOf: stage.failureOf, clock });
    return live;
  }

  async function afterFailure(failure: FailedDelivery, text: LiveText): Promise<number> {
    logger.debug({ code: failure.code }, "A growing text could not be shown in Slack.");
    strikes += 1;
    if (failure.code === "stopped_by_user") {
      isOver = true;
      onStopped();
    } else if (failure.failure === "retryable" && strikes < MOST_STRIKES) {
      return failure.retryAfterMs ?? RETRY_MS;
    } else if (ENDED.includes(failure.code) && text.hasBegun && strikes < MOST_STRIKES) {
      await text.close(false);
    } else if (text.hasBegun || failure.failure === "ambiguous") {
      isOver = true;
    } else {
      forms.shift();
      live = null;
    }
    return 0;
  }
}

const RETRY_MS = 2_000;

/** The message takes no more; another one does. */
const ENDED: readonly string[] = ["message_not_in_streaming_state", "msg_too_long", "msg_blocks_too_long"];
