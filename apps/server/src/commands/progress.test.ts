import { describe, expect, test } from "vitest";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

function recordingTerminal(isLive: boolean): { terminal: Terminal; written: string[] } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  const refuse = (): never => {
    throw new Error("Progress is no part of the answer.");
  };
  const style = (_: string, text: string): string => text;
  return { terminal: { print: refuse, note: write, draw: write, isLive, width: null, style }, written };
}

describe("progress", () => {
  test("is a bar that is drawn over itself on a terminal, and goes away", () => {
    const { terminal, written } = recordingTerminal(true);
    const progress = createProgress("Retried", terminal);
    progress.report(500, 1_000);
    progress.report(1_000);
    progress.end();
    expect(written).toEqual([
      `\r\u001B[KRetried ${"█".repeat(12)}${"░".repeat(12)} 500 of 1,000`,
      `\r\u001B[KRetried ░░█${"░".repeat(21)} 1,000`,
      "\r\u001B[K",
    ]);
  });

  test("is a line for twice as much each time elsewhere, and one for all", () => {
    const { terminal, written } = recordingTerminal(false);
    const progress = createProgress("Retried", terminal);
    for (let done = 1; done <= 10; done += 1) progress.report(done, 10);
    progress.end();
    expect(written).toEqual([1, 2, 4, 8, 10].map((done) => `Retried: ${done} of 10`));
  });

  test("draws nothing where there was nothing to do", () => {
    const { terminal, written } = recordingTerminal(true);
    createProgress("Retried", terminal).end();
    expect(written).toEqual([]);
  });
});
