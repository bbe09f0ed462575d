import { describe, expect, it } from "vitest";
import { asTaskResult, deliveryOf } from "./delivery-payload.ts";
import { claimedDelivery } from "../testing/claimed-delivery.ts";

describe("asTaskResult", () => {
  it("leaves a task result as it is and turns other values into text", () => {
    const result = { text: "t", files: [], actions: [] };
    expect(asTaskResult(result)).toBe(result);
    expect(asTaskResult("plain")).toMatchObject({ text: "plain", files: [], actions: [] });
    expect(asTaskResult({ sum: 3 })).toMatchObject({ text: '{"sum":3}' });
    expect(asTaskResult({ text: 1, files: [], actions: [] })).toMatchObject({
      text: expect.stringContaining('"text":1'),
    });
  });
});

describe("deliveryOf", () => {
  it("gives a result with the task's id, or with its source's when the task is gone", () => {
    const delivery = deliveryOf(claimedDelivery({ attempt: 2 }), { room: 1 }, { name: "aria" });
    expect(delivery).toMatchObject({
      id: "d1",
      dispatch_type: "chat",
      target: { room: 1 },
      created_at: "1970-01-01T00:00:00.000Z",
      attempt: 2,
      bot: { name: "aria" },
      kind: "task_result",
      payload: { task_id: "t1", result: { text: "hi" } },
    });
    expect(
      deliveryOf(claimedDelivery({ kind: "child_result", task_id: null }), {}, null).payload,
    ).toMatchObject({ task_id: "s1" });
  });

  it("gives an error with a code and a message, whatever was stored", () => {
    const error = { code: "timed_out", message: "Too long." };
    expect(deliveryOf(claimedDelivery({ kind: "task_error" }, error), {}, null).payload).toEqual({
      task_id: "t1",
      error,
    });
    expect(deliveryOf(claimedDelivery({ kind: "task_error" }, null), {}, null).payload).toEqual({
      task_id: "t1",
      error: { code: "unknown", message: "The task failed." },
    });
  });

  it("gives the payload of other kinds as it was stored", () => {
    expect(deliveryOf(claimedDelivery({ kind: "message" }, { text: "hi" }), {}, null).payload).toEqual({
      text: "hi",
    });
  });
});
