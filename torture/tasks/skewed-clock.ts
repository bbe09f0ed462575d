/** Moves this process's clock by so much from now on: every `new Date()` and `Date.now()` shows it. */
export function shiftClock(byMs: number): void {
  const before = globalThis.Date;
  const now = (): number => before.now() + byMs;
  globalThis.Date = new Proxy(before, {
    construct: (target, given) => (given.length === 0 ? new target(now()) : Reflect.construct(target, given)),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });
}
