import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { createDiagnostics, createSecretBox, createWebhooks } from "@core/integrations-state";
import { createMemoryStore } from "@core/integrations-state/testing";
import { createOutbound } from "@core/outbound";
import type { JsonObject } from "@core/registry";
import { silentLogger, systemClock } from "@core/registry";
import { Agent, request } from "undici";

/** Attempts at once, of both sides: the default of webhooks. */
const CONCURRENCY = 16;

/** Where all names lead. */
const SINK = { address: "127.0.0.1", family: 4 } as const;

/** Where events go, and what they are signed with. */
export interface Endpoint {
  readonly url: string;
  readonly secret: string;
}

/** Sends one event to every endpoint; resolves once all have answered. */
export interface Side {
  emit(payload: JsonObject): Promise<void>;
  close(): Promise<void>;
}

/** `emitWebhookEvent` as it is: the webhooks looked up, secrets unsealed, addresses guarded, outcomes reported. */
export async function ours(endpoints: readonly Endpoint[]): Promise<Side> {
  const outbound = createOutbound({ allow: [SINK.address], lookup: async () => [SINK] });
  const webhooks = createWebhooks({
    store: createMemoryStore(),
    secrets: createSecretBox(randomBytes(32).toString("base64")),
    outbound,
    diagnostics: createDiagnostics(),
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  for (const endpoint of endpoints) await webhooks.registerWebhook(endpoint);
  return {
    async emit(payload) {
      const { sent } = await webhooks.emitWebhookEvent("task.completed", payload);
      if (sent !== endpoints.length) throw new Error(`Only ${sent} of ${endpoints.length} were delivered.`);
    },
    close: () => outbound.close(),
  };
}

/** The least that sends the same requests: the same headers and signatures over the same body, with one agent. */
export async function bare(endpoints: readonly Endpoint[]): Promise<Side> {
  const agent = new Agent({ connect: { lookup: (_, __, answer) => answer(null, [SINK]) } });
  const receivers = endpoints.map(({ url, secret }) => ({
    url,
    secret,
    key: createSecretKey(secret.slice("whsec_".length), "base64"),
  }));
  return {
    async emit(data) {
      const id = crypto.randomUUID();
      const timestamp = new Date().toISOString();
      const body = Buffer.from(JSON.stringify({ id, event: "task.completed", timestamp, data }));
      const rest = receivers.values();
      const loop = async (): Promise<void> => {
        for (const { url, secret, key } of rest) {
          const seconds = String(Math.floor(Date.now() / 1_000));
          const standard = createHmac("sha256", key)
            .update(`${id}.${seconds}.`)
            .update(body)
            .digest("base64");
          const answer = await request(url, {
            dispatcher: agent,
            method: "POST",
            headers: {
              "content-type": "application/json",
              "user-agent": "benchmark",
              "webhook-id": id,
              "webhook-timestamp": seconds,
              "webhook-signature": `v1,${standard}`,
              "X-AMS-Signature": createHmac("sha256", secret).update(body).digest("hex"),
            },
            body,
          });
          await answer.body.text();
          if (answer.statusCode !== 204) throw new Error(`The sink answered ${answer.statusCode}.`);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, loop));
    },
    close: () => agent.close(),
  };
}
