import { silentLogger } from "@core/registry";
import { describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { persist } from "./persistence.ts";

function setUp(failures: readonly Error[], isHopeless: () => boolean = () => false) {
  const clock = createManualClock(0);
  const triedAt: number[] = [];
  const write = async (): Promise<string> => {
    triedAt.push(clock.now());
    const failure = failures[triedAt.length - 1];
    if (failure !== undefined) throw failure;
    return "written";
  };
  const options = { clock, logger: silentLogger, random: () => 1, hopeless: isHopeless };
  return { clock, triedAt, written: persist(write, options) };
}

const lost = new Error("The connection is lost.");
const sqlState = (code: string): Error => Object.assign(new Error(code), { code });

describe("persist", () => {
  it("tries again with growing waits of at most five seconds until it is written", async () => {
    const { clock, triedAt, written } = setUp(Array.from({ length: 9 }, () => lost));
    await clock.elapse(60_000);
    await expect(written).resolves.toBe("written");
    expect(triedAt).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300, 16_300, 21_300]);
  });

  it("gives up with null when it has become hopeless", async () => {
    let isHopeless = false;
    const { clock, triedAt, written } = setUp([lost, lost, lost], () => isHopeless);
    await clock.elapse(99);
    isHopeless = true;
    await clock.elapse(1);
    await expect(written).resolves.toBeNull();
    expect(triedAt).toEqual([0]);
  });

  it.each(["08006", "40001", "40P01", "53300", "57P01"])(
    "tries again after the SQLSTATE %s",
    async (code) => {
      const { clock, written } = setUp([sqlState(code)]);
      await clock.elapse(100);
      await expect(written).resolves.toBe("written");
    },
  );

  it.each([
    sqlState("22P05"),
    sqlState("23514"),
    sqlState("54000"),
    new TypeError("BigInt"),
    new RangeError("deep"),
  ])("throws at once what would be refused for ever: %s", async (error) => {
    const { triedAt, written } = setUp([error, error]);
    await expect(written).rejects.toBe(error);
    expect(triedAt).toEqual([0]);
  });
});
