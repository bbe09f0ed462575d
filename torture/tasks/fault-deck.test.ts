import { describe, expect, it } from "vitest";
import { drawFault, wholeDeck } from "./fault-deck.ts";

const draw = (seed: number, count: number) =>
  Array.from({ length: count }, (_, number) => drawFault(seed, number, wholeDeck));

describe("the deck of faults", () => {
  it("gives the same faults for the same seed, and others for another", () => {
    expect(draw(7, 50)).toEqual(draw(7, 50));
    expect(draw(7, 50)).not.toEqual(draw(8, 50));
  });

  it("gives each kind as often as it is in the deck", () => {
    const kinds = draw(7, 100).map(({ kind }) => kind);
    const counts = Object.fromEntries(
      Object.keys(wholeDeck).map((kind) => [kind, kinds.filter((one) => one === kind).length]),
    );
    expect(counts).toEqual(wholeDeck);
  });
});
