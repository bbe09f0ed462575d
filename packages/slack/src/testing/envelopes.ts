import type { Clock } from "@core/registry";

/** One thing that Slack tells the app over its sockets, with all attempts to tell it. */
export interface SentEnvelope {
  /** `events_api`, `interactive` or `slash_commands`. */
  readonly type: string;
  readonly payload: unknown;
  /** The envelope's id at each attempt. */
  readonly attempts: readonly string[];
  /** `waiting` for a socket, `missed` and waiting for the next attempt. */
  readonly state: "waiting" | "sent" | "missed" | "acknowledged" | "given_up";
  /** What came with the acknowledgement. */
  readonly answer: unknown;
  /** How many acknowledgements of it were lost. */
  readonly lostAcks: number;
}

export interface Envelopes {
  readonly sent: readonly SentEnvelope[];
  send(type: string, payload: unknown): void;
  acknowledge(envelopeId: string, answer: unknown): void;
  /** So many acknowledgements from now on are lost, and what they stand for is told again. */
  loseAcks(count: number): void;
  /** Tells again, at once, what was not acknowledged. */
  redeliver(): void;
  /** A socket has opened: what waits for one is told. */
  resume(): void;
  /** The socket that carried these envelopes has closed: they are told again. */
  lose(envelopeIds: ReadonlySet<string>): void;
  /** Resolves when nothing is left to be acknowledged. */
  settled(): Promise<void>;
  reset(): void;
}

/** Gives a frame to some socket; false when there is none. */
export type Transmit = (envelopeId: string, frame: Readonly<Record<string, unknown>>) => boolean;

/** Keeps what was told until it is acknowledged, and tells events again as often as Slack does. */
export function createEnvelopes(clock: Clock, transmit: Transmit): Envelopes {
  const sent: Envelope[] = [];
  let acksToLose = 0;
  let waiters: (() => void)[] = [];

  const settle = (): void => {
    if (sent.some(isOpen)) return;
    for (const resolve of waiters.splice(0)) resolve();
  };
  const tell = (envelope: Envelope): void => attempt(envelope, clock, transmit, settle);

  return {
    sent,
    send(type, payload) {
      const envelope = newEnvelope(type, payload);
      sent.push(envelope);
      tell(envelope);
    },
    acknowledge(envelopeId, answer) {
      const envelope = sent.find(({ attempts }) => attempts.includes(envelopeId));
      if (envelope === undefined || !isOpen(envelope)) return;
      if (acksToLose > 0) {
        acksToLose -= 1;
        envelope.lostAcks += 1;
        return;
      }
      envelope.cancel();
      Object.assign(envelope, { state: "acknowledged", answer });
      settle();
    },
    loseAcks: (count) => void (acksToLose = count),
    redeliver: () => sent.filter(isOpen).forEach(tell),
    resume: () => sent.filter(({ state }) => state === "waiting").forEach(tell),
    lose(ids) {
      sent.filter(({ state, attempts }) => state === "sent" && ids.has(attempts.at(-1) ?? "")).forEach(tell);
    },
    async settled() {
      if (sent.some(isOpen)) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    reset() {
      for (const { cancel } of sent) cancel();
      sent.length = 0;
      acksToLose = 0;
      settle();
    },
  };
}

interface Envelope extends SentEnvelope {
  readonly attempts: string[];
  state: SentEnvelope["state"];
  answer: unknown;
  lostAcks: number;
  cancel: () => void;
}

function newEnvelope(type: string, payload: unknown): Envelope {
  return { type, payload, attempts: [], state: "waiting", answer: undefined, lostAcks: 0, cancel() {} };
}

function isOpen({ state }: SentEnvelope): boolean {
  return state !== "acknowledged" && state !== "given_up";
}

const ACK_WITHIN_MS = 3_000;

/** Between a missed acknowledgement and the next attempt. Only events are told again. */
const RETRY_AFTER_MS: readonly number[] = [0, 60_000, 300_000];

function attempt(envelope: Envelope, clock: Clock, transmit: Transmit, settle: () => void): void {
  envelope.cancel();
  const envelopeId = crypto.randomUUID();
  const isSent = transmit(envelopeId, frameOf(envelope, envelopeId));
  envelope.state = isSent ? "sent" : "waiting";
  if (!isSent) return;
  envelope.attempts.push(envelopeId);
  envelope.cancel = clock.after(ACK_WITHIN_MS, () => {
    const pause = envelope.type === EVENT ? RETRY_AFTER_MS[envelope.attempts.length - 1] : undefined;
    envelope.state = pause === undefined ? "given_up" : "missed";
    if (pause === undefined) return settle();
    envelope.cancel = clock.after(pause, () => attempt(envelope, clock, transmit, settle));
  });
}

const EVENT = "events_api";

/** Each attempt has an envelope id of its own; the event in it keeps its id. */
function frameOf(
  { type, payload, attempts }: Envelope,
  envelopeId: string,
): Readonly<Record<string, unknown>> {
  const retry = { retry_attempt: attempts.length, retry_reason: attempts.length === 0 ? "" : "timeout" };
  return {
    envelope_id: envelopeId,
    type,
    payload,
    accepts_response_payload: type !== EVENT,
    ...(type === EVENT && retry),
  };
}
