import type { ServerProcess } from "./server-process.ts";
import type { DeliveryView } from "./task-view.ts";

/** How far the deliveries of a server have come. */
export interface KillProgress {
  readonly delivered: number;
  /** A person is asked. */
  readonly held: number;
  /** Tasks and deliveries that have not reached an end. */
  readonly left: number;
  /** Those that hold their line: they are being sent, or were tried in vain. */
  readonly begun: readonly BegunDelivery[];
}

type BegunDelivery = Pick<DeliveryView, "status" | "attempt" | "failures"> & { readonly next_at: string };

/** Reads all rather than by state: what changes its state between two questions would be missed by both. */
export async function readProgress(server: ServerProcess): Promise<KillProgress> {
  const tasks = await readAll<{ readonly status: string }>(server, "tasks");
  const deliveries = await readAll<BegunDelivery>(server, "deliveries");
  const count = (state: string): number => deliveries.filter(({ status }) => status === state).length;
  return {
    delivered: count("delivered"),
    held: count("held"),
    left: [...tasks, ...deliveries].filter(isLeft).length,
    begun: deliveries.filter((one) => one.status === "sending" || (isLeft(one) && one.attempt > 0)),
  };
}

/** In words, with what those that hold their line wait for. */
export function progressLine({ delivered, held, left, begun }: KillProgress): string {
  const heads = begun.map((one) => `${one.status} ${attemptOf(one)}`).join("; ");
  return `${delivered} delivered, ${held} held, ${left} left. First in line: ${heads || "none begun"}`;
}

function isLeft({ status }: { readonly status: string }): boolean {
  return ["pending", "running", "open", "sending"].includes(status);
}

function attemptOf({ status, attempt, failures, next_at }: BegunDelivery): string {
  if (status === "sending") return `attempt ${attempt}`;
  const dueIn = Math.max(0, Math.ceil((Date.parse(next_at) - Date.now()) / 1_000));
  return `after attempt ${attempt} (${failures.at(-1)?.code}), due in ${dueIn} s`;
}

async function readAll<Row>(server: ServerProcess, list: "tasks" | "deliveries"): Promise<readonly Row[]> {
  const all: Row[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const response = await server.request(`/api/v1/${list}?limit=100${cursor && `&cursor=${cursor}`}`);
    const page = (await response.json()) as { items: Row[]; next_cursor: string | null };
    all.push(...page.items);
    cursor = page.next_cursor;
  }
  return all;
}
