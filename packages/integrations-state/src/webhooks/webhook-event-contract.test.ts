import { generateWebhookSecret } from "@core/outbound";
import { createFaultProxy, dispatcherContract } from "@core/testing";
import type { DispatcherHarness, HarnessTools, ReceivedMessage } from "@core/testing";
import { expect, test } from "vitest";
import { startHttpReceiver } from "../../test/http-receiver.ts";
import type { HttpReceiver } from "../../test/http-receiver.ts";
import { integrationsParts } from "../../test/integrations-parts.ts";
import { createWebhooks } from "./create-webhooks.ts";
import { createWebhookEventDispatcher } from "./webhook-event-dispatcher.ts";

test.each(dispatcherContract({ open: openWebhook }))("$name", async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});

async function openWebhook({ clock, logger }: HarnessTools): Promise<DispatcherHarness> {
  const receiver = await startHttpReceiver((_, response) => response.end("thanks"));
  const faults = await createFaultProxy(receiver.url);
  const own = integrationsParts();
  const parts = { ...own, clock, logger };
  const secret = generateWebhookSecret();
  const { registerWebhook } = createWebhooks(parts);
  const { webhook } = await registerWebhook({ url: `${faults.url}/hook?key=k3y`, secret });
  const { webhook: other } = await registerWebhook({ url: `${faults.url}/other`, secret: "l1teral" });
  return {
    dispatcher: createWebhookEventDispatcher(parts),
    restart: () => createWebhookEventDispatcher(parts),
    target: { webhook_id: webhook.id },
    otherTargets: [{ webhook_id: other.id }],
    invalidTargets: [{}, { webhook_id: 7 }, { webhook_id: "" }],
    secrets: [secret, "l1teral", "k3y"],
    receiver: { faults, received: async () => receiver.requests.map(messageOf) },
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]();
      await faults.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

function messageOf({ headers, body }: HttpReceiver["requests"][number]): ReceivedMessage {
  const { text, result } = JSON.parse(body.toString()) as { text?: string; result?: string | null };
  return { text: text ?? result ?? "", deliveryId: String(headers["webhook-id"]) };
}
