import type { Delivery, DeliveryOutcome, FileRef, Reconciliation } from "@core/registry";
import { createDeliveryContext, createFakeContext, deliveryOf } from "@core/testing";
import type { FakeContext, FakeDeliveryContext } from "@core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createSlackDeliverer } from "./deliverer.ts";
import { createSlackMeans } from "./slack-means.ts";
import type { SlackMeansOptions } from "./slack-means.ts";
import type { SlackTarget } from "./slack-target.ts";
import {
  FAKE_BOT_TOKEN,
  lackOfScope,
  POST_ONLY_TOKEN,
  rateLimited,
  refusal,
  startFakeSlack,
} from "./testing.ts";
import type { FakeSlack, PostedMessage } from "./testing.ts";

let slack: FakeSlack;
let context: FakeContext<object>;
beforeAll(async () => {
  slack = await startFakeSlack({ rateLimits: "observed" });
});
beforeEach(async () => {
  await slack.reset();
  context = createFakeContext({ config: {} });
});
afterAll(() => slack.close());

const START = "files.getUploadURLExternal";
const SHARE = "files.completeUploadExternal";
const BYTES = new Uint8Array(200_000).map((_, index) => (index * 13) % 256);

function put(name: string, bytes: Uint8Array = BYTES, content_type = "text/csv"): Promise<FileRef> {
  return context.files.put(ReadableStream.from([bytes.slice(0, 9), bytes.slice(9)]), { name, content_type });
}

function resultWith(files: readonly FileRef[], target: Partial<SlackTarget> = {}): Delivery<SlackTarget> {
  return deliveryOf({
    kind: "task_result",
    target: { channel_id: slack.channelId(), ...target },
    payload: { task_id: "task-1", result: { text: "Here you are.", files, actions: [] } },
  });
}

/** A process of its own: only storage and files outlive it. */
function process(more: Partial<SlackMeansOptions> = {}): ReturnType<typeof createSlackDeliverer> {
  const { files, storage, clock } = context;
  const secrets = { resolve: async () => FAKE_BOT_TOKEN };
  return createSlackDeliverer(
    createSlackMeans({ fetch, secrets, files, storage, clock, apiUrl: slack.apiUrl, ...more }),
  );
}

async function attempt(
  delivery: Delivery<SlackTarget>,
  more: Partial<SlackMeansOptions> = {},
): Promise<{ readonly outcome: DeliveryOutcome; readonly attempt: FakeDeliveryContext }> {
  const one = createDeliveryContext();
  return { outcome: await process(more).deliver(delivery, one), attempt: one };
}

function reconcile(delivery: Delivery<SlackTarget>): Promise<Reconciliation> {
  return process().reconcile(delivery, createDeliveryContext());
}

function methods(): string[] {
  return slack.calls.map(({ method }) => method).filter((method) => method !== "chat.postMessage");
}

function names(messages: readonly PostedMessage[]): (string | readonly string[] | undefined)[] {
  return messages.map(({ text, files }) => (files ? files.map(({ name }) => name) : text));
}

function bytesOf(message: PostedMessage | undefined, at = 0): Uint8Array {
  return new Uint8Array(slack.file(message?.files?.[at]?.id ?? "")?.bytes ?? []);
}

describe("a file", () => {
  test("comes behind the text into its thread, byte for byte, and both are parts", async () => {
    const thread_ts = await slack.say("The figures?");
    const delivery = resultWith([await put("figures.csv")], { thread_ts });
    const { outcome, attempt: done } = await attempt(delivery);
    const [, text, file] = await slack.messages(thread_ts);
    expect([text?.text, bytesOf(file)]).toEqual(["Here you are.", BYTES]);
    expect(file?.files).toMatchObject([{ name: "figures.csv", title: "figures.csv", size: BYTES.length }]);
    const id = file?.files?.[0]?.id;
    expect(outcome).toEqual({ status: "delivered", externalIds: [text?.ts, id] });
    expect(done.parts).toEqual([
      { index: 0, external_id: text?.ts, of: 2 },
      { index: 1, external_id: id, of: 2 },
    ]);
    expect(await slack.messages()).toHaveLength(1);
  });

  test("is sent as it is read, in a form, with its length", async () => {
    const bodies: unknown[] = [];
    const watching: typeof fetch = (url, init) => {
      if (new Request(url).url.includes("/upload/"))
        bodies.push(init?.body, new Headers(init?.headers).get("content-length"));
      return fetch(url, init);
    };
    await attempt(resultWith([await put("figures.csv")]), { fetch: watching });
    expect(bodies).toEqual([expect.any(ReadableStream), String(BYTES.length)]);
    const [start, upload, share] = slack.calls.slice(1);
    expect(start).toMatchObject({
      isJson: false,
      form: { filename: "figures.csv", length: String(BYTES.length) },
    });
    expect(upload).toMatchObject({ method: "upload", authorization: undefined });
    expect(share?.isJson).toBe(false);
  });

  test("that is a picture carries its name for those who do not see it", async () => {
    await attempt(resultWith([await put("sales.png", BYTES, "image/png"), await put("sales.csv")]));
    const [, message] = await slack.messages();
    expect(message?.files?.map(({ id }) => slack.file(id)?.altText)).toEqual(["sales.png", undefined]);
  });

  test("goes to a person into the channel of the direct messages", async () => {
    const { outcome } = await attempt(resultWith([await put("a.csv")], { channel_id: slack.userId() }));
    expect(outcome).toMatchObject({ status: "delivered" });
    const share = slack.calls.find(({ method }) => method === SHARE);
    expect(share?.form["channel_id"]).toMatch(/^D/);
  });

  test.each([
    [lackOfScope("im:write"), "delivered"],
    ["drop_after", "failed"],
    [refusal("token_revoked"), "failed"],
  ] as const)("for a person whose direct messages cannot be opened (%j) is %s", async (fault, status) => {
    slack.meet("conversations.open", fault);
    const { outcome, attempt: one } = await attempt(
      resultWith([await put("a.csv")], { channel_id: slack.userId() }),
    );
    expect(outcome.status).toBe(status);
    expect(outcome).not.toMatchObject({ failure: "ambiguous" });
    expect(methods()).not.toContain(SHARE);
    const warnings = one.logger.entries.filter(({ level }) => level === "warn");
    expect(warnings).toHaveLength(status === "delivered" ? 1 : 0);
  });

  test("of a result that is no text is announced", async () => {
    const files = [await put("a.csv")];
    const payload = { task_id: "task-1", result: { text: "", files, actions: [] } };
    await attempt(deliveryOf({ kind: "task_result", target: { channel_id: slack.channelId() }, payload }));
    expect(names(await slack.messages())).toEqual(["The result is a file: a.csv", ["a.csv"]]);
  });
});

describe("several files", () => {
  test("come in one message, each as its part", async () => {
    const files = await Promise.all(["a.csv", "b.csv", "c.csv"].map((name) => put(name)));
    const { attempt: done } = await attempt(resultWith(files));
    const messages = await slack.messages();
    expect(names(messages)).toEqual(["Here you are.", ["a.csv", "b.csv", "c.csv"]]);
    const ids = messages[1]?.files?.map(({ id }) => id);
    expect(done.parts.map(({ external_id: id }) => id)).toEqual([messages[0]?.ts, ...(ids ?? [])]);
    expect(methods().filter((method) => method === SHARE)).toHaveLength(1);
  });

  test("stop at one that Slack does not take now, and go on with it later", async () => {
    const files = await Promise.all(["a.csv", "b.csv", "c.csv"].map((name) => put(name)));
    slack.meet("upload", null, { status: 503 });
    const { outcome, attempt: first } = await attempt(resultWith(files));
    expect(outcome).toMatchObject({ failure: "retryable", code: "upload_lost" });
    expect(first.parts.map(({ index }) => index)).toEqual([0, 1]);
    const { outcome: second } = await attempt({ ...resultWith(files), sent_parts: first.parts });
    expect(second).toMatchObject({ status: "delivered" });
    expect(names(await slack.messages())).toEqual(["Here you are.", ["a.csv"], ["b.csv", "c.csv"]]);
  });

  test("that take long are shown as they come, so that an attempt that ends was not in vain", async () => {
    const files = await Promise.all(["a.csv", "b.csv", "c.csv", "d.csv"].map((name) => put(name)));
    const open: typeof context.files.open = (ref) => {
      context.clock.advance(8_000);
      return context.files.open(ref);
    };
    await attempt(resultWith(files), { files: { ...context.files, open } });
    expect(names(await slack.messages())).toEqual(["Here you are.", ["a.csv", "b.csv"], ["c.csv", "d.csv"]]);
  });

  test("more than ten come in several messages", async () => {
    const files = await Promise.all(
      Array.from({ length: 12 }, (_, n) => put(`${n}.csv`, BYTES.slice(0, 20))),
    );
    await attempt(resultWith(files));
    expect((await slack.messages()).map((message) => message.files?.length)).toEqual([undefined, 10, 2]);
  });
});

describe("a file that Slack cannot have is told of in words:", () => {
  const link = (file: FileRef): string => context.files.link(file)?.url ?? "";

  test("beside the others when it is gone, empty or too large", async () => {
    const [gone, empty, large] = [
      await put("gone.csv"),
      await put("empty.csv", new Uint8Array()),
      await put("large.csv"),
    ];
    const small = await put("small.csv", BYTES.slice(0, 50));
    const missing = { ...gone, size: 60, blob_id: "file-404" };
    const { outcome, attempt: done } = await attempt(resultWith([missing, empty, large, small]), {
      maxFileBytes: 100,
    });
    expect(outcome).toMatchObject({ status: "delivered" });
    const [, message] = await slack.messages();
    expect(names([message ?? {}])).toEqual([["small.csv"]]);
    expect(message?.text?.split("\n")).toEqual([
      `gone.csv (60 bytes): ${link(missing)} (it is not in the store any more)`,
      `empty.csv (0 bytes): ${link(empty)} (it is empty)`,
      `large.csv (200.0 kB): ${link(large)} (it is too large for Slack)`,
    ]);
    expect(done.parts.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  test("alone, without a link where there is none, and nobody is called by its name", async () => {
    const file = { ...(await put("<!channel>.csv")), blob_id: "file-404" };
    const files = { ...context.files, link: () => null };
    await attempt(resultWith([file]), { files });
    expect(names(await slack.messages())).toEqual([
      "Here you are.",
      "&lt;!channel&gt;.csv (200.0 kB) is kept with the task on the server: it is not in the store any more.",
    ]);
  });

  test.each([
    ["the address", START, refusal("file_uploads_disabled"), "Slack refused it (file_uploads_disabled)"],
    ["the bytes", "upload", { status: 413 }, "Slack refused it (413)"],
    ["the files", SHARE, refusal("not_in_channel"), "Slack refused it (not_in_channel)"],
  ] as const)("when Slack refuses %s", async (_, method, fault, reason) => {
    slack.meet(method, fault);
    const file = await put("a.csv");
    expect((await attempt(resultWith([file]))).outcome).toMatchObject({ status: "delivered" });
    const [, words] = await slack.messages();
    expect(words?.text).toBe(`a.csv (200.0 kB): ${link(file)} (${reason})`);
  });

  test("without the scope, with one message for all and one warning for ever", async () => {
    const files = [await put("a.csv"), await put("b.csv")];
    const deliverer = process({ secrets: { resolve: async () => POST_ONLY_TOKEN } });
    const attempts = [createDeliveryContext(), createDeliveryContext()];
    for (const [n, one] of attempts.entries())
      await deliverer.deliver({ ...resultWith(files), id: `d${n}` }, one);
    const [, words] = await slack.messages();
    expect(words?.text?.split("\n")).toEqual([
      expect.stringMatching(/^a\.csv .*\(the app may not upload files\)$/),
      expect.stringMatching(/^b\.csv .*\(the app may not upload files\)$/),
    ]);
    expect(attempts[0]?.parts.map(({ external_id: id }) => id).slice(1)).toEqual([words?.ts, words?.ts]);
    const warnings = attempts.flatMap(({ logger }) => logger.entries).filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([{ fields: { scope: "files:write", token: "SLACK_BOT_TOKEN" } }]);
    expect(methods()).toEqual([START, START]);
  });

  test("signed by the bot, and found again when their answer is lost", async () => {
    const files = [await put("a.csv"), await put("b.csv")];
    slack.meet(START, lackOfScope("files:write"));
    slack.meet("chat.postMessage", null, "drop_after");
    const delivery = { ...resultWith(files), bot: { name: "ada" } };
    const { outcome, attempt: first } = await attempt(delivery);
    expect(outcome).toMatchObject({ failure: "ambiguous" });
    const [, words] = await slack.messages();
    expect(words?.username).toBe("ada");
    const found = await reconcile({ ...delivery, sent_parts: first.parts });
    expect(found).toMatchObject({ status: "sent", externalIds: expect.arrayContaining([words?.ts]) });
  });
});

describe("when something fails on the way,", () => {
  test.each(["drop_before", "drop_after", { status: 503 }, rateLimited(1)] as const)(
    "the first step is tried again after %j",
    async (fault) => {
      slack.meet(START, fault);
      const ticking = setInterval(() => context.clock.advance(1_000), 10);
      const { outcome } = await attempt(resultWith([await put("a.csv")]));
      clearInterval(ticking);
      expect(outcome).toMatchObject({ status: "delivered" });
      expect(methods()).toEqual([START, START, "upload", SHARE]);
    },
  );

  test("it is given up after three times, and nothing is seen", async () => {
    slack.meet(START, "drop_before", "drop_before", "drop_before");
    const { outcome } = await attempt(resultWith([await put("a.csv")]));
    expect(outcome).toMatchObject({ failure: "retryable", code: "answer_lost" });
    expect(methods()).toEqual([START, START, START]);
  });

  test.each(["drop_before", "drop_after", { status: 500 }] as const)(
    "the bytes are not sent twice in one attempt (%j), nor is anything shared",
    async (fault) => {
      slack.meet("upload", fault);
      const { outcome } = await attempt(resultWith([await put("a.csv")]));
      expect(outcome).toMatchObject({ failure: "retryable", code: "upload_lost" });
      expect(JSON.stringify(outcome)).not.toContain("/upload/");
      expect(methods()).toEqual([START, "upload"]);
      expect(names(await slack.messages())).toEqual(["Here you are."]);
    },
  );

  test("a wrong token parks the delivery", async () => {
    slack.meet(START, refusal("token_revoked"));
    expect((await attempt(resultWith([await put("a.csv")]))).outcome).toMatchObject({
      failure: "misconfigured",
    });
  });

  test("a store that cannot be read is tried again later", async () => {
    const files = { ...context.files, open: () => Promise.reject(new Error("no database")) };
    const { outcome } = await attempt(resultWith([await put("a.csv")]), { files });
    expect(outcome).toMatchObject({ failure: "retryable" });
    expect(methods()).toEqual([]);
  });

  test("what cannot be noted first is not shared", async () => {
    const storage = { ...context.storage, set: () => Promise.reject(new Error("no database")) };
    const { outcome } = await attempt(resultWith([await put("a.csv")]), { storage });
    expect(outcome).toMatchObject({ failure: "retryable", code: "storage_failed" });
    expect(methods()).toEqual([START, "upload"]);
  });

  test("an attempt that is ended stops between two files", async () => {
    const files = [await put("a.csv"), await put("b.csv")];
    const ending = new AbortController();
    const one = createDeliveryContext({ signal: ending.signal });
    const open: typeof context.files.open = (ref) => {
      if (ref.name === "b.csv") ending.abort(new Error("The server stops."));
      return context.files.open(ref);
    };
    const outcome = await process({ files: { ...context.files, open } }).deliver(resultWith(files), one);
    expect(outcome).toMatchObject({ failure: "retryable", code: "aborted" });
    expect(names(await slack.messages())).toEqual(["Here you are."]);
  });
});

describe("when the answer to the last step is lost,", () => {
  test("files that are there are found, also by another process, and not shared again", async () => {
    const thread_ts = await slack.say("The figures?");
    const delivery = resultWith([await put("a.csv"), await put("b.csv")], { thread_ts });
    slack.meet(SHARE, "drop_after");
    const { outcome, attempt: first } = await attempt(delivery);
    expect(outcome).toMatchObject({ failure: "ambiguous", code: "answer_lost" });
    const [, text, shared] = await slack.messages(thread_ts);
    expect(await context.storage.get("sharing/delivery-1")).not.toBeNull();
    expect(await reconcile({ ...delivery, sent_parts: first.parts })).toEqual({
      status: "sent",
      externalIds: [text?.ts, ...(shared?.files?.map(({ id }) => id) ?? [])],
    });
    expect(await context.storage.get("sharing/delivery-1")).toBeNull();
  });

  test("files that are not there are shared once more, but not before Slack could have shown them", async () => {
    const delivery = resultWith([await put("a.csv")]);
    slack.meet(SHARE, "drop_before");
    const { attempt: first } = await attempt(delivery);
    const retry = { ...delivery, sent_parts: first.parts };
    await expect(reconcile(retry)).rejects.toThrow("the files may appear");
    context.clock.advance(10_000);
    expect(await reconcile(retry)).toEqual({ status: "partly_sent", parts: first.parts });
    expect((await attempt(retry)).outcome).toMatchObject({ status: "delivered" });
    expect(names(await slack.messages())).toEqual(["Here you are.", ["a.csv"]]);
  });

  test("files with the same names in another delivery are not taken for these", async () => {
    const file = await put("a.csv");
    const delivery = resultWith([file]);
    slack.meet(SHARE, "drop_before");
    const { attempt: first } = await attempt(delivery);
    await attempt({ ...resultWith([file]), id: "another" });
    context.clock.advance(10_000);
    expect(await reconcile({ ...delivery, sent_parts: first.parts })).toMatchObject({
      status: "partly_sent",
    });
  });

  test("a process that dies before its parts are noted leaves enough to find them", async () => {
    const delivery = resultWith([await put("a.csv"), { ...(await put("b.csv")), blob_id: "file-404" }]);
    const dying = createDeliveryContext();
    const partSent = async ({ index }: { readonly index: number }): Promise<void> => {
      if (index > 0) await Promise.reject(new Error("gone"));
    };
    await expect(process().deliver(delivery, { ...dying, partSent })).rejects.toThrow("gone");
    const [text, shared] = await slack.messages();
    expect(await reconcile(delivery)).toEqual({
      status: "sent",
      externalIds: [text?.ts, shared?.files?.[0]?.id],
    });
  });
});

test("neither the token nor an address for bytes is in an outcome, a log, a part or the storage", async () => {
  const written: unknown[] = [];
  const storage = {
    ...context.storage,
    set: async (key: string, value: Parameters<typeof context.storage.set>[1]) => {
      written.push(key, value);
      await context.storage.set(key, value);
    },
  };
  const ticking = setInterval(() => context.clock.advance(1_000), 10);
  const faults = [
    null,
    "drop_after",
    "drop_before",
    { status: 503 },
    rateLimited(),
    refusal("fatal_error"),
  ] as const;
  for (const method of ["chat.postMessage", START, "upload", SHARE]) {
    for (const fault of faults) {
      slack.meet(method, fault);
      const { outcome, attempt: one } = await attempt(resultWith([await put("a.csv")]), { storage });
      written.push(outcome, one.parts, one.logger.entries);
    }
  }
  clearInterval(ticking);
  const text = JSON.stringify([written, context.logger.entries], (_, value: unknown) =>
    value instanceof Error ? `${value.stack}` : value,
  );
  for (const code of ["answer_lost", "upload_lost", "fatal_error"]) expect(text).toContain(code);
  expect(text).not.toContain(FAKE_BOT_TOKEN);
  expect(text).not.toContain("/upload/");
});
