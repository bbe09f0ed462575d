import type { Database } from "@core/database";
import type { TestEngine } from "@core/database/testing";
import { openTestDatabase } from "@core/database/testing";
import type { AgentRunner, Registry } from "@core/registry";
import { createRegistry, delivered, silentLogger, systemClock, textResult } from "@core/registry";
import { NonRetryable, tasksMigrations } from "@core/tasks";
import { z } from "zod";
import { createFileLinks } from "../files/file-links.ts";
import type { IntegrationsState } from "../integrations-state/integrations-state.ts";
import { REGISTERED_WEBHOOK } from "../integrations-state/webhook-outbox.ts";
import type { ServerTasks } from "../server-tasks.ts";
import { createServerTasks } from "../server-tasks.ts";
import { memoryIntegrations } from "./memory-integrations.ts";

export interface EventSceneOptions {
  /** Whether there is a webhook, which listens to everything. Default true. */
  readonly listens?: boolean;
  /** What the server reads to find out who listens. Default: the state that the webhook is in. */
  readonly store?: IntegrationsState["store"];
}

/** The tasks of a server whose agent fails when it is asked to, and what a webhook is told of them. */
export interface EventScene extends ServerTasks, Pick<IntegrationsState, "store"> {
  readonly database: Database;
  /** What has come to the webhook. */
  readonly arrived: readonly ToldEvent[];
  /** Called before the outbox stores something. */
  fail: (() => void) | null;
}

interface ToldEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export async function openEventScene(
  engine: TestEngine,
  { listens = true, store }: EventSceneOptions = {},
): Promise<EventScene> {
  const database = await openTestDatabase(engine);
  await database.migrate([tasksMigrations()]);
  const registry = createRegistry({ integrations: [], logger: silentLogger });
  const scene: Pick<EventScene, "arrived" | "fail"> = { arrived: webhookOf(registry), fail: null };
  const memory = memoryIntegrations();
  const state: Pick<IntegrationsState, "store" | "open"> = {
    store: store ?? memory.store,
    open: (deliveries) =>
      memory.open({
        sendMany: async (...message) => {
          scene.fail?.();
          return deliveries.sendMany(...message);
        },
      }),
  };
  const parts = createServerTasks({
    database,
    registry,
    integrationsState: state,
    bots: new Map(),
    links: createFileLinks({
      publicUrl: null,
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 1,
      clock: systemClock,
    }),
    runner,
    workerId: "w",
    configuration: { agentTimeoutMs: 60_000, workerConcurrency: 4 },
    logger: silentLogger,
  });
  // Deliveries are parked as long as no worker is there that can send them.
  await parts.worker.runUntilIdle();
  if (listens) await parts.told.registerWebhook({ url: "https://example.org/hook" });
  return Object.assign(scene, { ...parts, database, store: state.store });
}

const runner: AgentRunner = {
  run: async ({ prompt }) => {
    if (prompt === "fail") throw new NonRetryable("It went wrong.");
    return textResult("a private result");
  },
};

/** Takes the place of the dispatcher of registered webhooks. */
function webhookOf({ dispatchers }: Registry): readonly ToldEvent[] {
  const arrived: ToldEvent[] = [];
  dispatchers.register(
    REGISTERED_WEBHOOK,
    {
      idempotent: true,
      target: z.object({ webhook_id: z.string() }),
      async deliver({ payload }) {
        arrived.push(payload as unknown as ToldEvent);
        return delivered();
      },
    },
    { owner: "test" },
  );
  return arrived;
}
