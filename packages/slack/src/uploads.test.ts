import { silentLogger, systemClock } from "@core/registry";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCallBudget } from "./call-budget.ts";
import { slackFailure } from "./slack-error.ts";
import { createSlackWeb } from "./slack-web.ts";
import { FAKE_BOT_TOKEN, startFakeSlack } from "./testing.ts";
import type { FakeSlack } from "./testing.ts";
import type { UploadOutcome, Uploads, UploadsOptions, UploadSource } from "./uploads.ts";
import { createUploads } from "./uploads.ts";

let slack: FakeSlack;
beforeAll(async () => {
  slack = await startFakeSlack();
});
beforeEach(() => slack.reset());
afterAll(() => slack.close());

const BYTES = new TextEncoder().encode("a,b\n1,2\n");

function uploads(more: Partial<UploadsOptions> = {}): Uploads {
  const { signal = new AbortController().signal } = more;
  const token = { ref: "T1", value: FAKE_BOT_TOKEN };
  const access = { token: token.value, team: token.ref, fetch, signal, logger: silentLogger };
  const budget = createCallBudget(systemClock);
  const web = createSlackWeb({ ...access, budget, apiUrl: slack.apiUrl });
  return createUploads({ web, failureOf: (error) => slackFailure(error, token), fetch, signal, ...more });
}

function source(more: Partial<UploadSource> = {}): UploadSource {
  return { name: "a.csv", size: BYTES.length, open: async () => new Blob([BYTES]).stream(), ...more };
}

function idOf(outcome: UploadOutcome): string {
  return outcome.status === "uploaded" ? outcome.fileId : "";
}

test("nobody sees a file before it is shared, and then with its caption, in the thread", async () => {
  const threadTs = await slack.say("The figures?");
  const { upload, share } = uploads();
  const fileId = idOf(await upload(source({ altText: "Two columns" })));
  expect(await slack.messages(threadTs)).toHaveLength(1);
  const files = [{ fileId, title: "The figures" }];
  await share({ files, channel: slack.channelId(), threadTs, caption: "Here they are." });
  const [, message] = await slack.messages(threadTs);
  expect(message).toMatchObject({ text: "Here they are.", files: [{ id: fileId, title: "The figures" }] });
  expect(slack.file(fileId)).toMatchObject({ altText: "Two columns" });
  expect(new Uint8Array(slack.file(fileId)?.bytes ?? [])).toEqual(BYTES);
});

test("bytes that do not come through in time are given up", async () => {
  slack.meet("upload", "hang");
  expect(await uploads({ bytesTimeoutMs: 50 }).upload(source())).toMatchObject({
    failure: "retryable",
    code: "upload_lost",
  });
});

test("bytes end with the attempt", async () => {
  slack.meet("upload", "hang");
  const ending = new AbortController();
  const outcome = uploads({ signal: ending.signal }).upload(source());
  await slack.hanging();
  ending.abort(new Error("The server stops."));
  expect(await outcome).toMatchObject({
    failure: "retryable",
    message: expect.stringContaining("The server stops."),
  });
});

test.each([BYTES.length + 1, BYTES.length - 1])(
  "a file that has not the %d bytes that were announced is not taken",
  async (size) => {
    expect((await uploads().upload(source({ size }))).status).not.toBe("uploaded");
  },
);

test("a file is let go of when Slack gives no address for it", async () => {
  slack.meet("files.getUploadURLExternal", ...Array.from({ length: 3 }, () => "drop_before" as const));
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
  const outcome = await uploads().upload(source({ open: async () => stream }));
  expect([outcome.status, isCancelled]).toEqual(["failed", true]);
});
