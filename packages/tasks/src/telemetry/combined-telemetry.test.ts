import { createRecordingLogger } from "@core/testing";
import { silentLogger } from "@core/registry";
import { describe, expect, it } from "vitest";
import { combinedTelemetry } from "./combined-telemetry.ts";
import type { Observation, Telemetry } from "./telemetry.ts";

const facts = { count: 1, type: "t", queue: "default" };
const end = { created: [], taskIds: [], errorType: null };

/** Writes down what it is told. */
function noting(name: string, notes: string[], traceparent?: string): Telemetry {
  const observe = (): Observation<unknown> => ({
    traceContext: traceparent === undefined ? null : { traceparent },
    within(work) {
      notes.push(`${name} begins`);
      return work();
    },
    end: () => void notes.push(`${name} ends`),
  });
  const note = (): void => void notes.push(name);
  const watchQueues = (): (() => void) => note;
  return {
    enqueue: observe,
    process: observe,
    deliver: observe,
    leaseLost: note,
    recovered: note,
    watchQueues,
  };
}

/** Throws whatever it is told. */
function broken(): Telemetry {
  const fail = (): never => {
    throw new Error("broken");
  };
  const observe = (): Observation<unknown> => ({ traceContext: null, within: fail, end: fail });
  return {
    enqueue: observe,
    process: observe,
    deliver: fail,
    leaseLost: fail,
    recovered: fail,
    watchQueues: fail,
  };
}

describe("several telemetries", () => {
  it("are all told, and the first trace is carried on", () => {
    const notes: string[] = [];
    const all = combinedTelemetry([noting("a", notes), noting("b", notes, "of b")], silentLogger);
    const observation = all?.enqueue(facts);
    expect(observation?.traceContext).toEqual({ traceparent: "of b" });
    expect(observation?.within(() => "done")).toBe("done");
    observation?.end(end);
    expect(notes.toSorted()).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("do not notice when one of them throws, and neither does the work, which is done once", () => {
    const notes: string[] = [];
    const logger = createRecordingLogger();
    const all = combinedTelemetry([broken(), noting("b", notes)], logger);
    let runs = 0;
    const observation = all?.enqueue(facts);
    expect(observation?.within(() => (runs += 1))).toBe(1);
    observation?.end(end);
    all?.leaseLost({ taskId: "1", type: "t", queue: "default", attempt: 1 });
    all?.watchQueues(async () => [])();
    expect(notes).toEqual(["b begins", "b ends", "b", "b"]);
    expect(logger.entries).toHaveLength(4);
  });

  it("pass on what the work throws", () => {
    const all = combinedTelemetry([noting("a", [])], silentLogger);
    const work = (): never => {
      throw new Error("of the work");
    };
    expect(() => all?.enqueue(facts).within(work)).toThrow("of the work");
  });

  it("are none when there are none", () => {
    expect(combinedTelemetry([], silentLogger)).toBeNull();
  });
});
