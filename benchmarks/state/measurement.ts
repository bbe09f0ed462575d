import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeStateDocument } from "@core/integrations-state";
import type { IntegrationState, StoredNotification } from "@core/integrations-state";
import type { Way } from "./way.ts";

/** Updates per second that so many callers reach, each waiting for its own. Every one adds to a full history. */
export async function measure(way: Way, callers: number, forMs: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "benchmark-state-"));
  const path = join(folder, "integrations.json");
  try {
    await writeFile(path, writeStateDocument(fullState()));
    const store = way.open(path);
    const endMs = performance.now() + forMs;
    let count = 0;
    const call = async (): Promise<void> => {
      while (performance.now() < endMs) {
        const added = notification();
        await store.update((state) => void state.notifications.push(added));
        count += 1;
      }
    };
    const begunMs = performance.now();
    await Promise.all(Array.from({ length: callers }, call));
    const seconds = (performance.now() - begunMs) / 1_000;
    await expectFull(path);
    return count / seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function expectFull(path: string): Promise<void> {
  const state = JSON.parse(await readFile(path, "utf8")) as IntegrationState;
  if (state.notifications.length !== HISTORY) throw new Error(`${path} has lost notifications.`);
}

const HISTORY = 200;

function fullState(): IntegrationState {
  const time = new Date().toISOString();
  return {
    version: 1,
    updated_at: time,
    webhooks: Array.from({ length: 10 }, (_, n) => ({
      id: randomUUID(),
      url: `https://example.com/hooks/${n}`,
      events: ["session.end", "task.completed"],
      secret: "s".repeat(40),
      created_at: time,
      updated_at: time,
    })),
    git_auto_commit: { enabled: false, on_events: ["session.end"] },
    notifications: Array.from({ length: HISTORY }, notification),
    destinations: [],
  };
}

function notification(): StoredNotification {
  return {
    id: randomUUID(),
    channel: "slack",
    message: "The nightly run has ended with three warnings.",
    priority: "normal",
    delivered: true,
    created_at: new Date().toISOString(),
    meta: { destination: "team", status: 200, attempts: 1, outcome: "delivered" },
  };
}
