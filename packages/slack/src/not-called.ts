/** A call that was not made: Slack has seen nothing of it. */
export class NotCalled extends Error {
  /** As `neverSent` reads it. */
  readonly details: { readonly sent: "no" } = { sent: "no" };
  /** How long it would have had to wait; undefined when its attempt was ended. */
  readonly waitMs: number | undefined;

  private constructor(message: string, waitMs?: number) {
    super(message);
    this.name = "NotCalled";
    this.waitMs = waitMs;
  }

  static tooEarly(waitMs: number): NotCalled {
    return new NotCalled(`Slack takes the call in ${Math.ceil(waitMs / 1_000)} s at the earliest.`, waitMs);
  }

  static ended(): NotCalled {
    return new NotCalled("The attempt was ended before the call was made.");
  }
}
