/**
 * What happens to one request on its way. `drop_before`: the connection ends before the service has it. `drop_after`:
 * the service has it and has answered, and the connection ends without the answer. `slow`: the same, but the answer
 * is held back until the client gives up. A status is answered in the place of the service, which gets nothing.
 */
export type Fault =
  | "drop_before"
  | "drop_after"
  | "slow"
  | { readonly status: number; readonly retryAfterSeconds?: number };

/** Meets requests with faults. Only the requests that match count, such as those that post a message. */
export interface FaultPlan {
  /** The next request that matches meets this fault, once; `skip` lets some pass before. Faults wait in line. */
  inject(fault: Fault, options?: { readonly skip?: number }): InjectedFault;
  /** How many requests that match have come, with a fault or without. */
  seen(): number;
  /** How many faults have met a request. */
  used(): number;
}

export interface InjectedFault {
  /** Resolves when the fault has done its harm; `slow`: when the service has answered and the client waits. */
  readonly struck: Promise<void>;
}

/** A fault that waits for its request. */
export interface WaitingFault {
  readonly fault: Fault;
  strike(): void;
}

export interface FaultLine extends FaultPlan {
  /** Counts a request that matches, and gives the fault it meets. */
  next(): WaitingFault | null;
}

export function createFaultLine(): FaultLine {
  const waiting: (WaitingFault & { toSkip: number })[] = [];
  let seen = 0;
  let used = 0;
  return {
    seen: () => seen,
    used: () => used,
    inject(fault, { skip = 0 } = {}) {
      const { promise: struck, resolve: strike } = Promise.withResolvers<void>();
      waiting.push({ fault, strike, toSkip: skip });
      return { struck };
    },
    next() {
      seen += 1;
      const [first] = waiting;
      if (first === undefined || first.toSkip-- > 0) return null;
      used += 1;
      return waiting.shift() ?? null;
    },
  };
}
