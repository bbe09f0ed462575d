import type { DemoServer } from "./demo-server.ts";
import { until } from "./until.ts";

/** A task as the HTTP API shows it, as far as the demo looks at it. */
export interface DemoTask {
  readonly id: string;
  readonly status: string;
  readonly result: { readonly text: string } | null;
  readonly deliveries: readonly DemoDelivery[];
}

interface DemoDelivery {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly failures: readonly { readonly attempt: number; readonly code: string }[];
}

/** Posts a task; anything but 201 is an error. */
export async function postTask(
  server: DemoServer,
  body: object,
  signal: AbortSignal,
): Promise<Pick<DemoTask, "id" | "status">> {
  const headers = { authorization: `Bearer ${server.apiKey}`, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body), signal };
  return (await answered(`${server.url}/api/v1/tasks`, init, 201)) as DemoTask;
}

/** Reads a task until its delivery has come to an end, which the server stores after it got the receiver's answer. */
export function deliveredTask(server: DemoServer, id: string, signal: AbortSignal): Promise<DemoTask> {
  return until(async () => {
    const headers = { authorization: `Bearer ${server.apiKey}` };
    const task = (await answered(`${server.url}/api/v1/tasks/${id}`, { headers, signal }, 200)) as DemoTask;
    const [delivery] = task.deliveries;
    return delivery === undefined || moving.has(delivery.status) ? null : task;
  }, signal);
}

const moving = new Set(["pending", "sending"]);

async function answered(url: string, init: RequestInit, expected: number): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
