import type { TaskResult } from "@core/registry";
import { textResult } from "@core/registry";
import { deliveryOf } from "@core/testing";
import { expect, test } from "vitest";
import { deliveryText } from "./delivery-text.ts";

const file = { blob_id: "b1", name: "a.txt", content_type: "text/plain", size: 3 };

function resultText(result: TaskResult): ReturnType<typeof deliveryText> {
  return deliveryText(deliveryOf({ kind: "task_result", payload: { task_id: "t1", result } }));
}

test("a result is its text", () => {
  expect(resultText(textResult("Done."))).toBe("Done.");
  const child = deliveryOf({ kind: "child_result", payload: { task_id: "t2", result: textResult("Done.") } });
  expect(deliveryText(child)).toBe("Done.");
});

test("a message and a mirrored message are their text", () => {
  expect(deliveryText(deliveryOf({ kind: "message", payload: { text: "Hi." } }))).toBe("Hi.");
  expect(deliveryText(deliveryOf({ kind: "mirror", payload: { text: "Hi.", source: "web" } }))).toBe("Hi.");
});

test("an empty result and an empty message are skipped, with the reason", () => {
  expect(resultText(textResult(" \n"))).toEqual({ status: "skipped", reason: "The result is empty." });
  const empty = deliveryOf({ kind: "message", payload: { text: "" } });
  expect(deliveryText(empty)).toEqual({ status: "skipped", reason: "The message is empty." });
});

test("a result of files alone names them", () => {
  expect(resultText({ ...textResult(""), files: [file] })).toBe("The result is a file: a.txt");
  const files = [file, { ...file, name: "b.png" }];
  expect(resultText({ ...textResult(""), files })).toBe("The result is 2 files: a.txt, b.png");
});

test("a failed task is a sentence of at most 500 characters", () => {
  const failed = (message: string): unknown =>
    deliveryText(
      deliveryOf({ kind: "task_error", payload: { task_id: "t1", error: { code: "timed_out", message } } }),
    );
  expect(failed("It took too long.")).toBe("The task failed (timed_out): It took too long.");
  const long = String(failed("🙂 word ".repeat(200)));
  expect(long.length).toBeLessThanOrEqual(500);
  expect(long).toMatch(/^The task failed \(timed_out\): 🙂 word .*…$/);
  expect(String(failed("x".repeat(2_000)))).toHaveLength(500);
});

test("an event of a webhook has no form in Slack", () => {
  expect(deliveryText(deliveryOf({ kind: "webhook_event" }))).toMatchObject({
    failure: "permanent",
    code: "kind_unsupported",
  });
});
