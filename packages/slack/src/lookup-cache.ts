import type { Clock } from "@core/registry";

export interface LookupCacheOptions<Value> {
  readonly clock: Clock;
  /** How long an answer is good. */
  readonly lifetimeMs: number;
  /** How long nobody asks again after a failure. */
  readonly failureLifetimeMs: number;
  /** The most answers that are kept; the one that was asked for first makes room. */
  readonly capacity: number;
  readonly load: (key: string) => Promise<Value>;
}

/** Remembers answers of a slow service. */
export interface LookupCache<Value> {
  /** The answer, or the failure, that is known or under way; asks only if there is none. */
  get(key: string): Promise<Value>;
}

export function createLookupCache<Value>(options: LookupCacheOptions<Value>): LookupCache<Value> {
  const { clock, lifetimeMs, failureLifetimeMs, capacity, load } = options;
  const entries = new Map<string, Entry<Value>>();

  return {
    get(key) {
      const known = entries.get(key);
      if (known !== undefined && known.goodUntil > clock.now()) return known.answer;
      return ask(key).answer;
    },
  };

  function ask(key: string): Entry<Value> {
    const entry: Entry<Value> = { answer: load(key), goodUntil: Infinity };
    entries.delete(key);
    makeRoom();
    entries.set(key, entry);
    entry.answer.then(
      () => void (entry.goodUntil = clock.now() + lifetimeMs),
      () => void (entry.goodUntil = clock.now() + failureLifetimeMs),
    );
    return entry;
  }

  function makeRoom(): void {
    for (const key of entries.keys()) {
      if (entries.size < capacity) return;
      entries.delete(key);
    }
  }
}

interface Entry<Value> {
  readonly answer: Promise<Value>;
  /** Infinity while the answer is under way. */
  goodUntil: number;
}
