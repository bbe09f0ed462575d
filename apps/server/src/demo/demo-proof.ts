import { verifyWebhook } from "@core/outbound";
import type { DemoTask } from "./demo-api.ts";
import type { DemoPrinter } from "./demo-printer.ts";
import type { Arrival } from "./demo-receiver.ts";

/** Shows that a request is what the holder of the secret signed. */
export function proveSignature({ headers, rawBody }: Arrival, secret: string, printer: DemoPrinter): void {
  verifyWebhook({ headers, rawBody, secrets: [secret] });
  printer.proof("signature", "fits DATA_DIR/signing-secret (verifyWebhook of @core/outbound)");
}

/** Shows that a change of a single byte would be noticed. */
export function proveTampering({ headers, rawBody }: Arrival, secret: string, printer: DemoPrinter): void {
  const refusal = refusalOf(() => verifyWebhook({ headers, rawBody: `${rawBody} `, secrets: [secret] }));
  printer.proof("one byte more", `refused with ${refusal}`);
}

/** Shows that a request is a repetition of another: the same delivery of the same task. */
export function proveSameDelivery(first: Arrival, second: Arrival, printer: DemoPrinter): void {
  const [id, again] = [deliveryIdOf(first), deliveryIdOf(second)];
  if (again !== id) throw new Error(`Another delivery arrived: webhook-id ${again} instead of ${id}.`);
  printer.proof("webhook-id", `${again}  (the same)`);
}

/** Shows how the API tells of a task whose result has arrived. */
export function proveDelivered(task: DemoTask, arrival: Arrival, printer: DemoPrinter): void {
  const [delivery] = task.deliveries;
  if (task.status !== "complete" || delivery?.status !== "delivered" || delivery.id !== deliveryIdOf(arrival))
    throw new Error(`The task is not complete and delivered: ${JSON.stringify(task)}`);
  const { attempt, max_attempts: most, failures } = delivery;
  const before = failures.map((failure) => `, attempt ${failure.attempt} ended with ${failure.code}`);
  printer.fact("task", `${task.status}, result ${JSON.stringify(task.result?.text)}`);
  printer.proof("delivery", `${delivery.status} at attempt ${attempt} of ${most}${before.join("")}`);
}

export function deliveryIdOf({ headers }: Arrival): string {
  return String(headers["webhook-id"]);
}

function refusalOf(verify: () => unknown): string {
  try {
    verify();
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
  throw new Error("A body with one byte more was accepted.");
}
