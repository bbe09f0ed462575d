import { AsyncLocalStorage } from "node:async_hooks";
import type { Database } from "@core/database";
import type { Clock, Logger } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import { eventChannel } from "../store/channel.ts";
import { createAudience } from "./audience.ts";
import { createEventOutbox } from "./event-outbox.ts";
import { packed } from "./event-packing.ts";
import { decodeMessage, encodeMessage } from "./event-wire.ts";
import type { SqlRunner } from "../store/sql-runner.ts";
import type { Fact } from "./task-event.ts";

/** Takes events to the processes that want to hear of them, and brings theirs. */
export interface EventChannel {
  /** False: nobody elsewhere wants to hear of anything. */
  isWanted(): boolean;
  send(facts: readonly Fact[]): void;
  /** To everybody, this process too, by a statement of a transaction. */
  sendWithin(run: SqlRunner, facts: readonly Fact[]): Promise<void>;
  /** Makes known that somebody here listens. Resolves when others have been told; never rejects. */
  listen(): Promise<void>;
}

export interface EventChannelOptions {
  readonly database: Pick<Database, "listen" | "notify">;
  readonly schema: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether somebody here listens. */
  readonly isListening: () => boolean;
  readonly onFacts: (facts: readonly Fact[]) => void;
  /** Something that others have told did not arrive here. */
  readonly onGap: () => void;
}

/** After so long it is tried again to hear others. */
const RETRY_MS = 2_000;
/** However many ask, they are answered together. */
const ANSWER_ONCE_IN_MS = 50;
/** What a transaction says is new to all, whoever began it. */
const NOBODY = "transaction";

export function createEventChannel(options: EventChannelOptions): EventChannel {
  const { database, clock, logger, isListening, onFacts, onGap } = options;
  const channel = eventChannel(options.schema);
  const self = uuidv7();
  // The connection that is made here belongs to all, so it must not be made in the context of whoever came first.
  const inOwnContext = AsyncLocalStorage.snapshot();
  const audience = createAudience(clock, () => void say({ ask: true }));
  const outbox = createEventOutbox({
    clock,
    audience,
    send: (rows, gap) => notify(encodeMessage({ from: self, ...(gap && { gap }) }, rows)),
  });
  let hearing: Promise<unknown> | null = null;
  let answeredAt = Number.NEGATIVE_INFINITY;

  return {
    isWanted: () => audience.state() !== "absent",
    send: outbox.add,
    async sendWithin(run, facts) {
      for (const rows of packed(facts)) {
        const message = encodeMessage({ from: NOBODY, ...(rows.length === 0 && { gap: true }) }, rows);
        await run("select pg_notify($1::text, $2::text)", [channel, message]);
      }
    },
    listen,
  };

  async function listen(): Promise<void> {
    if (!(await say({ here: true }))) clock.after(RETRY_MS, () => void listenLate());
  }

  async function listenLate(): Promise<void> {
    if (!isListening()) return;
    await listen();
    if (hearing !== null) onGap();
  }

  /** Whoever asks has to hear the answer, so that nothing is said before this process hears. */
  async function say(word: { readonly here: true } | { readonly ask: true }): Promise<boolean> {
    try {
      await (hearing ??= inOwnContext(hear));
      await notify(encodeMessage({ from: self, ...word }, []));
      return true;
    } catch (error) {
      logger.debug({ err: error }, "Events of tasks do not reach other processes for the moment.");
      return false;
    }
  }

  async function hear(): Promise<unknown> {
    try {
      return await database.listen(channel, heard, { onReconnect: heardAgain });
    } catch (error) {
      hearing = null;
      throw error;
    }
  }

  function heard(text: string): void {
    const message = decodeMessage(text);
    if (message === null || message.from === self) return;
    if (message.here) outbox.answered();
    if (message.ask) answer();
    if (message.gap) onGap();
    if (message.facts.length > 0) onFacts(message.facts);
  }

  function answer(): void {
    if (!isListening() || clock.now() - answeredAt < ANSWER_ONCE_IN_MS) return;
    answeredAt = clock.now();
    void say({ here: true });
  }

  function heardAgain(): void {
    audience.forget();
    onGap();
    if (isListening()) void listen();
  }

  async function notify(text: string): Promise<void> {
    await inOwnContext(() => database.notify(channel, text));
  }
}
