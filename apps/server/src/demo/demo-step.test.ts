import { describe, expect, test } from "vitest";
import { createDemoPrinter } from "./demo-printer.ts";
import { createDemoSteps } from "./demo-step.ts";
import { until } from "./until.ts";

const printer = createDemoPrinter({ write: () => undefined, isColored: false });
const never = new AbortController().signal;
const forEver = (signal: AbortSignal): Promise<never> => until<never>(() => null, signal);

describe("demo steps", () => {
  test("count themselves, give what they found, and show their titles", async () => {
    let text = "";
    const shown = createDemoPrinter({ write: (more) => (text += more), isColored: false });
    const step = createDemoSteps({ printer: shown, signal: never, limitMs: 60_000 });
    expect([await step("First", async () => "a"), await step("Second", async () => "b")]).toEqual(["a", "b"]);
    expect(text).toMatch(/ 1 {2}First\n[^]* 2 {2}Second\n/);
  });

  test("name the one that failed, and why to the last cause", async () => {
    const step = createDemoSteps({ printer, signal: never, limitMs: 60_000 });
    await step("First", async () => undefined);
    const failed = step("Post a task", async () => {
      throw new Error("fetch failed", { cause: new Error("connection refused") });
    });
    await expect(failed).rejects.toThrow("Step 2 failed (Post a task). fetch failed (connection refused)");
  });

  test("end at their limit", async () => {
    const step = createDemoSteps({ printer, signal: never, limitMs: 10 });
    await expect(step("Wait", forEver)).rejects.toThrow(
      "Step 1 failed (Wait). It was not done within 0.01 seconds.",
    );
  });

  test("tell why they were stopped, also when something else broke a moment earlier", async () => {
    const stop = new AbortController();
    const step = createDemoSteps({ printer, signal: stop.signal, limitMs: 60_000 });
    const broken = step("Post a task", async () => {
      setImmediate(() => stop.abort(new Error("The server ended by itself, with 7.")));
      throw new Error("fetch failed");
    });
    await expect(broken).rejects.toThrow("Step 1 failed (Post a task). The server ended by itself, with 7.");
  });

  test("do not begin after a stop", async () => {
    const step = createDemoSteps({
      printer,
      signal: AbortSignal.abort(new Error("SIGINT")),
      limitMs: 60_000,
    });
    await expect(step("Start", () => expect.unreachable())).rejects.toThrow("SIGINT");
  });
});
