import { createFaultProxy, dispatcherContract } from "@core/testing";
import type { DispatcherHarness, ReceivedMessage } from "@core/testing";
import { expect, test } from "vitest";
import { startHttpReceiver } from "../test/http-receiver.ts";
import type { HttpReceiver } from "../test/http-receiver.ts";
import { createOutbound } from "./outbound.ts";
import { createWebhookDispatcher } from "./webhook-dispatcher.ts";
import { generateWebhookSecret } from "./webhook-secret.ts";

test.each(dispatcherContract({ open: openWebhook }))("$name", async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});

async function openWebhook(): Promise<DispatcherHarness> {
  const receiver = await startHttpReceiver((_, response) => response.end("thanks"));
  const faults = await createFaultProxy(receiver.url);
  const outbound = createOutbound({ allow: ["127.0.0.0/8"] });
  const signingSecret = generateWebhookSecret();
  return {
    dispatcher: createWebhookDispatcher({ outbound, signingSecrets: [signingSecret] }),
    target: { url: `${faults.url}/hook?key=k3y` },
    otherTargets: [{ url: `${faults.url}/other` }],
    invalidTargets: [{}, { url: 7 }, { url: "ftp://example.com/" }, { url: "http://10.0.0.1/hook" }],
    secrets: [signingSecret, "k3y"],
    receiver: { faults, received: async () => receiver.requests.map(messageOf) },
    async [Symbol.asyncDispose]() {
      await outbound.close();
      await faults.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

function messageOf({ headers, body }: HttpReceiver["requests"][number]): ReceivedMessage {
  const { text, result } = JSON.parse(body.toString()) as { text?: string; result?: string | null };
  return { text: text ?? result ?? "", deliveryId: String(headers["webhook-id"]) };
}
