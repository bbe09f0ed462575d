import { describe, expect, it } from "vitest";
import { taskRetryPolicy } from "../retry-policy.ts";
import { taskTypeSettings } from "./task-type.ts";

describe("taskTypeSettings", () => {
  it("gives agent tasks few attempts and classified retries, others many and any", () => {
    expect(taskTypeSettings("agent", undefined)).toEqual({
      maxAttempts: 3,
      maxRunSeconds: 1_200,
      retry: "classified",
      backoff: taskRetryPolicy,
      keep: {},
    });
    expect(taskTypeSettings("mail", undefined)).toEqual({
      maxAttempts: 10,
      maxRunSeconds: 1_200,
      retry: "any",
      backoff: taskRetryPolicy,
      keep: {},
    });
  });

  it("keeps what was said", () => {
    const options = { maxAttempts: 1, maxRunSeconds: 5, retry: "any" } as const;
    expect(taskTypeSettings("agent", options)).toEqual({ ...options, backoff: taskRetryPolicy, keep: {} });
    expect(taskTypeSettings("agent", { backoff: [5] }).backoff.delaysMs).toEqual([5]);
  });
});
