import { readFile } from "node:fs/promises";
import { slack } from "@integration/slack";
import { createFakeContext, dispatcherOf } from "@core/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announce } from "../test/readme/announce.ts";
import { correct } from "../test/readme/correct.ts";
import { loseAnAnswer } from "../test/readme/lost-answer.ts";
import { origin } from "../test/readme/origin.ts";
import { report } from "../test/readme/report.ts";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";

let fixture: FakeSlack;
beforeAll(async () => {
  fixture = await startFakeSlack();
});
afterAll(() => fixture.close());

const readme = await read("../README.md");

test("the README shows the examples that are tested", async () => {
  const blocks = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
  const names = ["announce", "report", "origin", "correct", "lost-answer"];
  const examples = names.map((name) => `../test/readme/${name}.ts`);
  expect(blocks).toEqual(await Promise.all(examples.map(read)));
});

test("the README's example posts", async () => {
  const context = createFakeContext({
    config: { SLACK_API_URL: fixture.apiUrl },
    secrets: { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN },
  });
  expect(await announce("Hello.", fixture.channelId(), context)).toMatchObject({ status: "delivered" });
  expect(await fixture.messages()).toMatchObject([{ text: "Hello.", username: "Ada" }]);
  await expect(announce("Hello.", "#general", context)).rejects.toThrow(/no channel id/);
});

test("the README's correction changes what was posted, and takes it back", async () => {
  const toFake: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    return fetch(url.replace("https://slack.com/api/", fixture.apiUrl), init);
  };
  const context = createFakeContext({
    config: {},
    secrets: { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN },
    fetch: toFake,
  });
  const channel = fixture.channelId("ops");
  const posted = await announce("Helo.", channel, context);
  const [ts = ""] = posted.status === "delivered" ? posted.externalIds : [];
  expect(await correct(channel, ts, "Hello.", context)).toMatchObject({ status: "delivered" });
  expect(await fixture.messages(undefined, "ops")).toMatchObject([{ text: "Hello." }]);
  await correct(channel, ts, "", context);
  expect(await fixture.messages(undefined, "ops")).toEqual([]);
});

test("the README's origin names a message", () => {
  expect(origin).toMatchObject({ integration: "slack" });
});

test("the README's fake Slack keeps what its lost answer would have confirmed", async () => {
  expect(await loseAnAnswer("Hello.")).toEqual(["Hello."]);
});

test("the README's install line names every package that its example imports", async () => {
  const [, install = ""] = /npm install (.*)/.exec(readme) ?? [];
  const code = await read("../test/readme/announce.ts");
  const imported = [...code.matchAll(/from "([^.].*?)"/g)].map(([, name = ""]) => name);
  expect(imported.toSorted()).toEqual(install.split(" ").toSorted());
});

test("the README names every variable", () => {
  const { required = [], optional = [] } = slack.environment ?? {};
  const [, section = ""] = /## Environment\n(.*?)\n## /s.exec(readme) ?? [];
  const named = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(named).toEqual([...required, ...optional]);
});

test("the README's example of files brings the file, and its codes are named", async () => {
  const sources = await Promise.all(["uploads", "file-showing", "slack-error"].map(source));
  const codes = sources.flatMap((text) => [...text.matchAll(/code: "(upload_\w+|storage_\w+|rate_\w+)"/g)]);
  expect(codes.filter(([, code]) => !readme.includes(`\`${code}\``))).toEqual([]);

  const context = createFakeContext({
    config: { SLACK_API_URL: fixture.apiUrl },
    secrets: { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN },
  });
  const target = { channel_id: fixture.channelId(), thread_ts: await fixture.say("The figures?") };
  const figures = new TextEncoder().encode("a,b\n1,2\n");
  const dispatcher = await dispatcherOf(slack, context);
  expect(await report("Here.", figures, target, { dispatcher, context })).toMatchObject({
    status: "delivered",
  });
  const [, text, file] = await fixture.messages(target.thread_ts);
  expect([text?.text, file?.files?.[0]?.name]).toEqual(["Here.", "figures.csv"]);
});

test("the README names every code that is not Slack's own", async () => {
  const sources = await Promise.all(["slack-error", "slack-token", "deliver", "delivery-text"].map(source));
  const codes = sources.flatMap((text) => [...text.matchAll(/code: "(\w+)"/g)].map(([, code = ""]) => code));
  expect(codes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
});

function source(name: string): Promise<string> {
  return read(`${name}.ts`);
}

function read(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), "utf8");
}
