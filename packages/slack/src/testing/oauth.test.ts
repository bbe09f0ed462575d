import { afterAll, beforeAll, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { clientOf, refusalOf } from "./test-client.ts";

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack();
});
afterAll(() => slack.close());

test("a call that needs no token works without one", async () => {
  const answer = await fetch(`${slack.apiUrl}api.test`, { method: "POST" });
  expect(await answer.json()).toMatchObject({ ok: true });
});

test("a person who installs the app gets it a token that works, until it is given back", async () => {
  const asked = {
    client_id: "client-A1",
    redirect_uri: "http://127.0.0.1/",
    scope: "chat:write",
    state: "s1",
  };
  const page = await fetch(`${slack.url}/oauth/v2/authorize?${new URLSearchParams(asked).toString()}`);
  const fields = [...(await page.text()).matchAll(/name="(\w+)" value="([^"]*)"/g)];
  const form = new URLSearchParams(
    Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value])),
  );
  const allowed = await fetch(`${slack.url}/oauth/v2/authorize/callback`, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  const code = new URL(allowed.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const secret = { client_id: asked.client_id, client_secret: "shh", redirect_uri: asked.redirect_uri };
  const granted = await clientOf(slack, "").oauth.v2.access({ ...secret, code });

  const client = clientOf(slack, granted.access_token);
  const post = { channel: slack.channelId(), text: "Installed." };
  expect(await refusalOf(client.chat.postMessage(post))).toBe("");
  const react = client.reactions.add({ channel: slack.channelId(), timestamp: "1.1", name: "eyes" });
  expect(await refusalOf(react)).toBe("missing_scope");
  await client.auth.revoke();
  expect(await refusalOf(client.chat.postMessage(post))).toBe("token_revoked");
});
