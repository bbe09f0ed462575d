import { seededRandom, shuffled } from "./random.ts";

/** What a worker or its database meets. `twin`: a second process starts under the id of a worker that lives. */
export type FaultKind = "kill" | "pause" | "drop" | "restart" | "skew" | "stop" | "twin";

export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
  /** From 0 to 1: how long a pause or an outage is, how far a clock jumps. */
  readonly extent: number;
  /** From 0 to 1: how long the worker works before. */
  readonly delay: number;
  /** Whether the next worker comes under the same id. */
  readonly sameId: boolean;
}

/** How many of each kind are in a deck. */
export type FaultDeck = Readonly<Partial<Record<FaultKind, number>>>;

export const wholeDeck: FaultDeck = {
  kill: 22,
  pause: 22,
  drop: 20,
  skew: 12,
  stop: 13,
  twin: 10,
  restart: 1,
};

/** The fault of a number: the same for the same seed, and each kind as often as the deck says. */
export function drawFault(seed: number, number: number, deck: FaultDeck): Fault {
  const cards = Object.entries(deck).flatMap(([kind, count]) =>
    Array.from({ length: count }, () => kind as FaultKind),
  );
  const round = Math.floor(number / cards.length);
  const kind = shuffled(cards, seededRandom(seed * 1_000_003 + round))[number % cards.length];
  if (kind === undefined) throw new Error("The deck of faults is empty.");
  const random = seededRandom(seed * 7_919 + number * 104_729 + 1);
  return { number, kind, extent: random(), delay: random(), sameId: random() < 0.5 };
}
