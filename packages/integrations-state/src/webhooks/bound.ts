/** Lets so many in at once; the others wait in the order of coming. */
export class Bound {
  readonly #limit: number;
  readonly #waiting = new Set<Waiter>();
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Then nobody waits either. */
  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  /** False when it is full. */
  tryEnter(): boolean {
    if (this.#inside >= this.#limit) return false;
    this.#inside += 1;
    return true;
  }

  /** Enters as soon as somebody leaves, unless its group is sent away before: then it rejects. */
  wait(group: unknown): Promise<void> {
    return new Promise((enter, giveUp) => this.#waiting.add({ group, enter, giveUp }));
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    // The place is handed over, so that nobody gets in between.
    this.#waiting.delete(next);
    next.enter();
  }

  /** Ends the waiting of a group. */
  sendAway(group: unknown, reason: unknown): void {
    for (const waiter of this.#waiting) {
      if (waiter.group !== group) continue;
      this.#waiting.delete(waiter);
      waiter.giveUp(reason);
    }
  }
}

interface Waiter {
  readonly group: unknown;
  enter(): void;
  giveUp(reason: unknown): void;
}
