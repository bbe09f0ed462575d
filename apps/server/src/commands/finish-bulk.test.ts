import { expect, test } from "vitest";
import { finishBulk } from "./finish-bulk.ts";
import type { Terminal } from "./terminal.ts";

function told(count: number, isJson: boolean, signal: AbortSignal): readonly [number, string[], string[]] {
  const [printed, noted]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    draw: () => undefined,
    isLive: false,
    width: null,
    style: (_, text) => text,
  };
  return [finishBulk({ name: "retried", count, isJson, signal }, { terminal }), printed, noted];
}

const { signal: quiet } = new AbortController();

test("many tasks are told as one line, or as one document", () => {
  expect(told(1_200, false, quiet)).toEqual([0, ["1,200 tasks retried."], []]);
  expect(told(1, false, quiet)).toEqual([0, ["1 task retried."], []]);
  expect(told(1_200, true, quiet)).toEqual([0, ['{"retried":1200}'], []]);
});

test("what was interrupted tells what it has done, and has failed", () => {
  const [code, printed, noted] = told(500, true, AbortSignal.abort());
  expect([code, printed, noted.length]).toEqual([1, ['{"retried":500}'], 1]);
});
