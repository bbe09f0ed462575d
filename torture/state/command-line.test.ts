import { expect, it } from "vitest";
import { readCommand } from "./command-line.ts";

it("a command without words is a thousand kills", () => {
  const command = { kills: 1_000, processes: 6, paceMs: 300, seed: 500_000_000 };
  expect(readCommand([], () => 0.5)).toEqual(command);
});

it("words change what they name, also behind the two dashes that a script may add", () => {
  const words = ["--", "--kills", "60", "--processes", "3", "--pace", "50", "--seed", "7"];
  expect(readCommand(words, () => 0)).toEqual({ kills: 60, processes: 3, paceMs: 50, seed: 7 });
  expect(readCommand(["--help"], () => 0)).toBeNull();
});

it("a word that is no number is refused", () => {
  expect(() => readCommand(["--kills", "many"], () => 0)).toThrow('--kills is "many". Give a whole number.');
});
