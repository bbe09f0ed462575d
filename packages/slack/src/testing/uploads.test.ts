import type { WebClient } from "@slack/web-api";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FakeSlack } from "./fake-slack.ts";
import { startFakeSlack } from "./fake-slack.ts";
import { FAKE_BOT_TOKEN } from "./fake-workspace.ts";
import { clientOf, refusalOf } from "./test-client.ts";

let slack: FakeSlack;
let client: WebClient;
beforeAll(async () => {
  slack = await startFakeSlack();
  client = clientOf(slack);
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

const BYTES = new Uint8Array(70_000).map((_, index) => (index * 7) % 256);

async function open(
  length: number,
  more: Record<string, unknown> = {},
): Promise<{ id: string; url: string }> {
  const asked = { filename: "data.bin", length, ...more };
  const { file_id: id = "", upload_url: url = "" } = await client.files.getUploadURLExternal(asked);
  return { id, url };
}

function send(url: string, body: Uint8Array<ArrayBuffer> | FormData): Promise<Response> {
  return fetch(url, { method: "POST", body });
}

test("a file comes in three steps into its thread, byte for byte", async () => {
  const thread_ts = await slack.say("Send me the data.");
  const { id, url } = await open(BYTES.length, { alt_txt: "A chart" });
  expect((await send(url, BYTES)).status).toBe(200);
  const files: [{ id: string; title: string }] = [{ id, title: "Data" }];
  const channel_id = slack.channelId();
  await client.files.completeUploadExternal({ files, channel_id, thread_ts, initial_comment: "Here." });
  expect(slack.file(id)).toMatchObject({ name: "data.bin", altText: "A chart", isComplete: true });
  expect(new Uint8Array(slack.file(id)?.bytes ?? [])).toEqual(BYTES);
  const [, reply] = await slack.messages(thread_ts);
  expect(reply).toMatchObject({
    text: "Here.",
    files: [{ id, name: "data.bin", title: "Data", size: BYTES.length, alt_txt: "A chart" }],
  });
  expect(slack.calls.map(({ method }) => method)).toEqual([
    "files.getUploadURLExternal",
    "upload",
    "files.completeUploadExternal",
  ]);
});

test("a file is downloaded from Slack with the token", async () => {
  const { id, url } = await open(BYTES.length);
  await send(url, BYTES);
  await client.files.completeUploadExternal({
    files: [{ id, title: "Data" }],
    channel_id: slack.channelId(),
  });
  const [message] = await slack.messages();
  const from = message?.files?.[0]?.url_private ?? "";
  expect(from).toContain(slack.url);
  const headers = { authorization: `Bearer ${FAKE_BOT_TOKEN}` };
  expect(new Uint8Array(await (await fetch(from, { headers })).arrayBuffer())).toEqual(BYTES);
});

test("the SDK's own upload works, and loses the text for those who do not see it", async () => {
  await client.filesUploadV2({
    channel_id: slack.channelId(),
    file: Buffer.from(BYTES),
    filename: "data.bin",
    alt_text: "A chart",
  });
  const [message] = await slack.messages();
  const id = message?.files?.[0]?.id ?? "";
  expect(new Uint8Array(slack.file(id)?.bytes ?? [])).toEqual(BYTES);
  expect(slack.file(id)?.altText).toBeUndefined();
});

test("as many bytes must come as were announced", async () => {
  const { id, url } = await open(BYTES.length + 1);
  const answer = await send(url, BYTES);
  expect([answer.status, await answer.text()]).toEqual([
    400,
    "length_mismatch: 70001 bytes announced, 70000 came",
  ]);
  const files: [{ id: string; title: string }] = [{ id, title: "Data" }];
  expect(await refusalOf(client.files.completeUploadExternal({ files, channel_id: slack.channelId() }))).toBe(
    "file_not_found",
  );
});

test("an empty file has no length", async () => {
  await expect(open(0)).rejects.toMatchObject({ data: { error: "missing_argument" } });
});

test("a thread needs one channel, and must be there", async () => {
  const { id, url } = await open(BYTES.length);
  await send(url, BYTES);
  const complete = (place: Record<string, string>): Promise<string> =>
    refusalOf(client.apiCall("files.completeUploadExternal", { files: [{ id, title: "Data" }], ...place }));
  const channels = `${slack.channelId("eng")},${slack.channelId("ops")}`;
  const thread_ts = await slack.say("Hello.");
  expect(await complete({ channels, thread_ts })).toBe("invalid_arguments");
  expect(await complete({ channel_id: slack.channelId(), thread_ts: "1700000000.000001" })).toBe(
    "thread_not_found",
  );
  expect(await complete({ channels })).toBe("");
});

test("bytes for no file of Slack's are refused", async () => {
  expect((await send(`${slack.url}/upload/v1/F404`, BYTES)).status).toBe(404);
});
