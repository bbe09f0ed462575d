import { createRecordingLogger } from "@core/testing";
import { expect, test } from "vitest";
import { createDiagnostics } from "./diagnostic-hooks.ts";
import type { DiagnosticHooks } from "./diagnostic-hooks.ts";

/** Tells all three hooks something. */
function tellAll(diagnostics: ReturnType<typeof createDiagnostics>): void {
  diagnostics.metric("m", 2, { channel: "c" });
  diagnostics.event("e", { webhook_id: "w" });
  diagnostics.error("o", "broken");
}

function recordingHooks(told: unknown[]): DiagnosticHooks {
  return {
    emitMetric: (metric) => told.push(metric),
    emitEvent: (event) => told.push(event),
    emitError: (error) => told.push(error),
  };
}

const all = [
  { name: "m", value: 2, attributes: { channel: "c" } },
  { name: "e", attributes: { webhook_id: "w" } },
  { operation: "o", error: "broken", attributes: {} },
];

test("each hook is told what happens", () => {
  const told: unknown[] = [];
  tellAll(createDiagnostics(recordingHooks(told)));
  expect(told).toEqual(all);
});

test("without hooks nobody is told", () => {
  expect(() => tellAll(createDiagnostics())).not.toThrow();
});

test("hooks may be replaced, and from then on the new ones alone are told", () => {
  const [before, after]: [unknown[], unknown[]] = [[], []];
  const diagnostics = createDiagnostics(recordingHooks(before));
  diagnostics.setHooks(recordingHooks(after));
  tellAll(diagnostics);
  expect([before, after]).toEqual([[], all]);
  diagnostics.setHooks({});
  tellAll(diagnostics);
  expect(after).toEqual(all);
});

test("a hook is called as a method of its object", () => {
  class Counting implements DiagnosticHooks {
    count = 0;
    emitMetric(): void {
      this.count += 1;
    }
  }
  const counting = new Counting();
  createDiagnostics(counting).metric("m", 1);
  expect(counting.count).toBe(1);
});

test.each<[string, () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("of the hook");
    },
  ],
  ["rejects", () => Promise.reject(new Error("of the hook"))],
])("a hook that %s breaks nothing, and is logged", async (_, hook) => {
  const logger = createRecordingLogger();
  const hooks = { emitMetric: hook, emitEvent: hook, emitError: hook };
  expect(() => tellAll(createDiagnostics(hooks, logger))).not.toThrow();
  await new Promise(setImmediate);
  expect(logger.entries.map(({ fields }) => fields["err"])).toEqual(
    Array.from({ length: 3 }, () => expect.objectContaining({ message: "of the hook" })),
  );
});
