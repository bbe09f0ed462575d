import { eventually } from "./eventually.ts";
import type { ServerProcess } from "./server-process.ts";

/** A task as the HTTP API shows it, as far as tests look at it. */
export interface TaskView {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly result: unknown;
  readonly deliveries: readonly DeliveryView[];
}

export interface DeliveryView {
  readonly id: string;
  readonly status: string;
  readonly park_reason: string | null;
  readonly external_ids: readonly string[];
  readonly attempt: number;
  readonly failures: readonly { readonly code: string }[];
}

/** A task with its deliveries; throws when the server does not know it. */
export async function readTask(server: ServerProcess, id: string): Promise<TaskView> {
  const response = await server.request(`/api/v1/tasks/${id}`);
  if (response.status !== 200) throw new Error(`Task ${id}: ${response.status} ${await response.text()}`);
  return (await response.json()) as TaskView;
}

/** A task with its deliveries, once there is nothing more to do for them. */
export async function settledTask(server: ServerProcess, id: string): Promise<TaskView> {
  return eventually(async () => {
    const task = await readTask(server, id);
    const ends = task.deliveries.map(({ status }) => ["delivered", "dead", "held"].includes(status));
    return ends.length > 0 && ends.every(Boolean) ? task : null;
  }, 30_000);
}
