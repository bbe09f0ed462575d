import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { silentLogger } from "@core/registry";
import { WebClient } from "@slack/web-api";
import { expect, test } from "vitest";
import { askInTrouble } from "../../test/readme/ask-in-trouble.ts";
import { sdkLogger } from "../sdk-logger.ts";
import { settingsOf } from "./fake-slack-options.ts";

const readme = await read("../../README.testing.md");

test("the README shows the example that is tested", async () => {
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks).toEqual([await read("../../test/readme/ask-in-trouble.ts")]);
});

test("the README's example shows how an app gets through", async () => {
  const replies = await askInTrouble(async (env, channel, thread_ts) => {
    const client = new WebClient(env["SLACK_BOT_TOKEN"], {
      slackApiUrl: env["SLACK_API_URL"] ?? "",
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: sdkLogger(silentLogger),
    });
    const post = (): Promise<unknown> => client.chat.postMessage({ channel, thread_ts, text: "Much." });
    await post().catch(() => {});
    await post().catch(() => {});
  });
  expect(replies).toEqual(["What is new?", "Much."]);
});

test("the README's command line starts one in a process of its own", async () => {
  const [, code = ""] = /node -e '(.*)'/.exec(readme) ?? [];
  const cwd = new URL("../..", import.meta.url);
  const child = spawn(process.execPath, ["--conditions=@core/source", "-e", code], { cwd });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const answer = await fetch(`${line.toString().trim()}api.test`, { method: "POST" });
  expect(await answer.json()).toMatchObject({ ok: true });
  child.kill();
  await once(child, "exit");
});

test("the README names every option", () => {
  const [, section = ""] = /## Options\n(.*?)\n## /s.exec(readme) ?? [];
  const named = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);
  expect(named.toSorted()).toEqual(Object.keys(settingsOf({})).toSorted());
});

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}
