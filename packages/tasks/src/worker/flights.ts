import { AsyncLocalStorage } from "node:async_hooks";

/** Exchanges with the database that are under way, at most so many at once. */
export interface Flights {
  /** At the end of this turn of the event loop the next may start, so that all that ends in it goes together. */
  plan(): void;
  /** True when none is under way. */
  readonly isEmpty: boolean;
  /** Starts one now. */
  start<Answer>(send: () => Promise<Answer>): Promise<Answer>;
  /** Resolves when those that are under way have landed; false: there were none. */
  landed(): Promise<boolean>;
}

export function createFlights(most: number, onTurn: () => void): Flights {
  const flights = new Set<Promise<unknown>>();
  // Work that somebody else asks for must not run within a transaction of theirs.
  const inOwnContext = AsyncLocalStorage.snapshot();
  let underWay = 0;
  let isPlanned = false;

  return {
    plan,
    get isEmpty() {
      return underWay === 0;
    },
    start(send) {
      underWay += 1;
      const flight = inOwnContext(send).finally(() => {
        underWay -= 1;
        flights.delete(flight);
        plan();
      });
      flights.add(flight);
      return flight;
    },
    async landed() {
      const some = [...flights];
      await Promise.allSettled(some);
      return some.length > 0;
    },
  };

  function plan(): void {
    if (isPlanned || underWay >= most) return;
    isPlanned = true;
    setImmediate(inOwnContext, () => {
      isPlanned = false;
      onTurn();
    });
  }
}
