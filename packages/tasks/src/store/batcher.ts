import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "@core/registry";

/** Gathers what is handed in one by one, and gives each its own answer. */
export interface Batcher<Item, Answer> {
  add(item: Item): Promise<Answer>;
}

export interface BatcherOptions<Item, Answer> {
  /** Answers all items, in their order. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly maxItems: number;
  readonly maxInFlight: number;
  /** A batch that takes longer, since it waits for a lock, does not keep others from going. */
  readonly patienceMs: number;
  readonly clock: Clock;
  /** Whether a failed batch may fail for one of its items alone, so that the others deserve their own try. */
  readonly isItemFault: (error: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** So many at most, so that a database that does not answer gets no more and more of them. */
const MOST_SLOW = 4;

/**
 * Self-clocking: what comes in one turn of the event loop, or while others are under way, goes together, so that an
 * idle caller waits for nobody and busy ones share a round trip. When a batch fails for what may be the fault of one
 * item, they go one by one.
 */
export function createBatcher<Item, Answer>(options: BatcherOptions<Item, Answer>): Batcher<Item, Answer> {
  const { flush, maxItems, maxInFlight, patienceMs, clock, isItemFault } = options;
  let waiting: Waiting<Item, Answer>[] = [];
  /** Without those that are slow. */
  let inFlight = 0;
  let slow = 0;
  let isPlanned = false;
  // What is sent belongs to all who wait, so it must not run in the context of whoever came first.
  const inOwnContext = AsyncLocalStorage.snapshot();

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        plan();
      }),
  };

  function plan(): void {
    if (isPlanned || inFlight >= maxInFlight) return;
    isPlanned = true;
    setImmediate(inOwnContext, () => {
      isPlanned = false;
      void send();
    });
  }

  async function send(): Promise<void> {
    const batch = waiting.slice(0, maxItems);
    waiting = waiting.slice(maxItems);
    inFlight += 1;
    if (waiting.length > 0) plan();
    let isSlow = false;
    const cancel = clock.after(patienceMs, () => {
      if (slow >= MOST_SLOW) return;
      isSlow = true;
      slow += 1;
      letNextGo();
    });
    await answer(batch);
    cancel();
    if (isSlow) slow -= 1;
    else letNextGo();
  }

  function letNextGo(): void {
    inFlight -= 1;
    if (waiting.length > 0) plan();
  }

  async function answer(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await flush(batch.map(({ item }) => item));
      for (const [index, one] of batch.entries()) one.resolve(answers[index] as Answer);
    } catch (error) {
      if (batch.length > 1 && isItemFault(error)) for (const one of batch) await answer([one]);
      else for (const one of batch) one.reject(error);
    }
  }
}
