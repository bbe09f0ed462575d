import { describe, expect, it } from "vitest";
import type { WorkerOptions } from "./worker-options.ts";
import { workerSettings } from "./worker-options.ts";

const handlers = {};

describe("the options of a worker", () => {
  it("are complete once they are read", () => {
    const { id, ...settings } = workerSettings({ handlers });
    expect(id).not.toBe("");
    expect(settings).toEqual({
      handlers,
      queues: ["default"],
      concurrency: 8,
      deliveryConcurrency: 16,
      deliveriesPerTarget: 4,
      deliveryTimeoutMs: 60_000,
      heartbeatMs: 5_000,
      deadAfterMs: 15_000,
      pollMs: 1_000,
      schedules: true,
    });
  });

  it.each<[keyof WorkerOptions, Partial<WorkerOptions>]>([
    ["concurrency", { concurrency: 0 }],
    ["concurrency", { concurrency: 1.5 }],
    ["deliveryConcurrency", { deliveryConcurrency: Number.NaN }],
    ["deliveryTimeoutMs", { deliveryTimeoutMs: -1 }],
    ["pollMs", { pollMs: Number.POSITIVE_INFINITY }],
    ["heartbeatMs", { heartbeatMs: 0 }],
    ["deadAfterMs", { heartbeatMs: 5_000, deadAfterMs: 5_000 }],
    ["queues", { queues: [] }],
    ["workerId", { workerId: "" }],
  ])("that cannot be meant are refused, and %s is named: %j", (field, options) => {
    expect(() => workerSettings({ handlers, ...options })).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        details: { issues: [expect.objectContaining({ field })] },
      }),
    );
  });
});
