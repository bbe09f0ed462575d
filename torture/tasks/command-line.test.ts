import { describe, expect, it } from "vitest";
import { readCommand, scenarioNames } from "./command-line.ts";

const read = (...words: string[]) => readCommand(words, () => 0.5);

describe("the command line", () => {
  it("names one scenario or all, and leaves open what it does not say", () => {
    expect(read("all")).toMatchObject({ scenarios: scenarioNames, from: 0, defaultTimes: false });
    expect(read("kills", "--tasks", "5")).toMatchObject({ scenarios: ["kills"], tasks: 5 });
    expect(read("kills")).not.toHaveProperty("tasks");
  });

  it("takes up a run by its seed where it has ended", () => {
    const words = ["faults", "--seed", "9", "--from", "500", "--injections", "20", "--default-times"];
    expect(read(...words)).toMatchObject({ seed: 9, from: 500, injections: 20, defaultTimes: true });
  });

  it("asks for help without a scenario", () => {
    expect(read()).toBeNull();
    expect(read("kills", "--help")).toBeNull();
  });

  it("refuses what it does not know", () => {
    expect(() => read("kils")).toThrow('no scenario "kils"');
    expect(() => read("kills", "--task", "5")).toThrow("--task");
    expect(() => read("kills", "--tasks", "many")).toThrow("whole number");
  });
});
