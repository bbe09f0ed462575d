/** What is still to be sent to one client. */
export interface EventQueue {
  push(message: EventMessage): void;
  /** The next message, once there is one; null when the queue has ended. */
  next(): Promise<EventMessage | null>;
  /** True when nothing waits to be taken. */
  readonly isEmpty: boolean;
  end(): void;
}

/** A server-sent event. */
export interface EventMessage {
  readonly id: string;
  /** Omitted: no event, only a comment that keeps the connection alive and moves the client's place on. */
  readonly event?: string;
  readonly data: string;
}

/** A client that lags behind by more than `capacity` messages gets `overflow` in their place, so that memory is bounded. */
export function createEventQueue(capacity: number, overflow: () => EventMessage): EventQueue {
  let waiting: EventMessage[] = [];
  let hasEnded = false;
  let wake = (): void => {};

  return {
    get isEmpty() {
      return waiting.length === 0;
    },
    push(message) {
      if (hasEnded) return;
      if (waiting.length < capacity) waiting.push(message);
      else waiting = [overflow()];
      wake();
    },
    async next() {
      while (!hasEnded) {
        const message = waiting.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return null;
    },
    end() {
      hasEnded = true;
      waiting = [];
      wake();
    },
  };
}
