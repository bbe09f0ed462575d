import { generateWebhookSecret, signWebhook } from "@core/outbound";
import { describe, expect, test } from "vitest";
import type { DemoTask } from "./demo-api.ts";
import { createDemoPrinter } from "./demo-printer.ts";
import { proveDelivered, proveSameDelivery, proveSignature, proveTampering } from "./demo-proof.ts";
import type { Arrival } from "./demo-receiver.ts";

let text = "";
const printer = createDemoPrinter({ write: (more) => (text += more), isColored: false });
const secret = generateWebhookSecret();

function arrival(id: string): Arrival {
  const rawBody = '{"task_id":"t","result":"HI"}';
  const headers = signWebhook({ id, timestamp: new Date(), body: rawBody, secrets: [secret] });
  return { method: "POST", path: "/hook", headers: { ...headers }, rawBody, answer: () => undefined };
}

const task: DemoTask = {
  id: "t",
  status: "complete",
  result: { text: "HI" },
  deliveries: [{ id: "dlv_1", status: "delivered", attempt: 1, max_attempts: 12, failures: [] }],
};

describe("what the demo claims", () => {
  test("holds for a signed request, its repetition and its delivered task", () => {
    proveSignature(arrival("dlv_1"), secret, printer);
    proveTampering(arrival("dlv_1"), secret, printer);
    proveSameDelivery(arrival("dlv_1"), arrival("dlv_1"), printer);
    proveDelivered(task, arrival("dlv_1"), printer);
    expect(text).toMatch(
      /signature +fits [^]*refused with WEBHOOK_SIGNATURE_MISMATCH[^]*the same[^]*delivered at attempt 1 of 12\n/,
    );
  });

  test("is not claimed of a request that somebody else signed", () => {
    expect(() => proveSignature(arrival("dlv_1"), generateWebhookSecret(), printer)).toThrow(
      "No signature fits",
    );
  });

  test("is not claimed of another delivery", () => {
    expect(() => proveSameDelivery(arrival("dlv_1"), arrival("dlv_2"), printer)).toThrow(
      "Another delivery arrived: webhook-id dlv_2 instead of dlv_1.",
    );
  });

  test.each([
    ["a task that failed", { ...task, status: "failed" }],
    ["a task without a delivery", { ...task, deliveries: [] }],
    [
      "a delivery that is dead",
      { ...task, deliveries: task.deliveries.map((one) => ({ ...one, status: "dead" })) },
    ],
  ])("is not claimed of %s", (_title, other) => {
    expect(() => proveDelivered(other, arrival("dlv_1"), printer)).toThrow("is not complete and delivered");
  });
});
