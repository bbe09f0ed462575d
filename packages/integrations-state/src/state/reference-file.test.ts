import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import { REFERENCE_FILE, REFERENCE_NOTIFICATION, REFERENCE_WEBHOOK } from "../testing/reference-file.ts";
import { readStateDocument, writeStateDocument } from "./state-document.ts";

const FILE_TIME = REFERENCE_FILE.updated_at;

const read = (value: unknown) => readStateDocument(JSON.stringify(value));

/** The value without some of its fields, or with null in their place. */
function someOf(value: object, always: readonly string[] = []): fc.Arbitrary<object> {
  const entries = Object.entries(value);
  return fc.tuple(fc.subarray(Object.keys(value)), fc.boolean()).map(([given, isNull]) => {
    const isGiven = ([key]: [string, unknown]): boolean => always.includes(key) || given.includes(key);
    const kept = entries.map((entry): [string, unknown] => (isGiven(entry) ? entry : [entry[0], null]));
    return Object.fromEntries(isNull ? kept : entries.filter(isGiven));
  });
}

/** All that is in a value, at any depth. */
function* values(value: unknown): Generator {
  yield value;
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) yield* values(inner);
}

describe("a file of the first version", () => {
  it("loads as it is", () => {
    expect(read(REFERENCE_FILE)).toEqual({ ...REFERENCE_FILE, destinations: [] });
  });

  it("loads with a byte order mark", () => {
    expect(readStateDocument(`\uFEFF${JSON.stringify(REFERENCE_FILE)}`)).toEqual({
      ...REFERENCE_FILE,
      destinations: [],
    });
  });

  it.each([
    ["nothing in it", {}, { version: 1, webhooks: [], notifications: [], destinations: [] }],
    ["no version", { ...REFERENCE_FILE, version: undefined }, { version: 1 }],
    [
      "nulls",
      { ...REFERENCE_FILE, version: null, webhooks: null, notifications: null },
      { version: 1, webhooks: [] },
    ],
    [
      "no git settings",
      { ...REFERENCE_FILE, git_auto_commit: undefined },
      { git_auto_commit: { enabled: false } },
    ],
    [
      "no git switch",
      { git_auto_commit: { on_events: ["error"] } },
      { git_auto_commit: { enabled: false, on_events: ["error"] } },
    ],
    [
      "no git events",
      { git_auto_commit: { enabled: true } },
      { git_auto_commit: { enabled: true, on_events: ["session.end", "roadmap.exported", "task.sync"] } },
    ],
    [
      "a webhook with nothing but its URL",
      { webhooks: [{ url: REFERENCE_WEBHOOK.url }] },
      { webhooks: [{ secret: "", events: [...INTEGRATION_EVENTS], created_at: "1970-01-01T00:00:00.000Z" }] },
    ],
    [
      "a webhook that listens to nothing",
      { webhooks: [{ ...REFERENCE_WEBHOOK, events: [] }] },
      { webhooks: [{ events: [] }] },
    ],
    [
      "a webhook that is disabled since null",
      { webhooks: [{ ...REFERENCE_WEBHOOK, disabled_at: null }] },
      { webhooks: [REFERENCE_WEBHOOK] },
    ],
    [
      "a webhook with one of the times",
      { webhooks: [{ ...REFERENCE_WEBHOOK, updated_at: undefined }] },
      { webhooks: [{ updated_at: FILE_TIME }] },
    ],
    [
      "a notification with nothing but its message",
      { notifications: [{ message: "m" }] },
      { notifications: [{ message: "m", priority: "normal", delivered: false, meta: {} }] },
    ],
  ])("loads with %s", (_, file, expected) => {
    expect(read(file)).toMatchObject(expected);
  });

  it("loads with any of its optional fields missing or null, and is then a whole state", () => {
    const file = fc.record({
      top: someOf({ version: 1, updated_at: FILE_TIME }),
      webhooks: fc.array(someOf(REFERENCE_WEBHOOK, ["url"])),
      git_auto_commit: someOf(REFERENCE_FILE.git_auto_commit),
      notifications: fc.array(someOf(REFERENCE_NOTIFICATION)),
    });
    fc.assert(
      fc.property(file, ({ top, ...rest }) => {
        const state = read({ ...top, ...rest });
        expect(Object.keys(state)).toEqual([...Object.keys(REFERENCE_FILE), "destinations"]);
        expect(Object.keys(state.git_auto_commit)).toEqual(["enabled", "on_events"]);
        for (const entry of state.webhooks)
          expect(Object.keys(entry)).toEqual(Object.keys(REFERENCE_WEBHOOK));
        for (const entry of state.notifications)
          expect(Object.keys(entry)).toEqual(Object.keys(REFERENCE_NOTIFICATION));
        expect([...values(state)]).not.toContain(null);
      }),
    );
  });

  it("gives a webhook without an id the same id at each reading", () => {
    const file = { webhooks: [{ url: REFERENCE_WEBHOOK.url }, { url: "https://example.com/other" }] };
    const [first, second] = read(file).webhooks.map(({ id }) => id);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
    expect(read(file)).toEqual(read(file));
  });
});

describe("nothing that a file holds is lost", () => {
  it("keeps fields that nobody here knows, at every level", () => {
    const file = {
      ...REFERENCE_FILE,
      alerts: [1],
      webhooks: [{ ...REFERENCE_WEBHOOK, label: "x" }],
      git_auto_commit: { ...REFERENCE_FILE.git_auto_commit, branch: "b" },
      notifications: [{ ...REFERENCE_NOTIFICATION, thread: { ts: 1 } }],
    };
    expect(JSON.parse(writeStateDocument(read(file)))).toEqual({ ...file, destinations: [] });
  });

  it("keeps names that only another version knows beside those that it knows, and each once", () => {
    const file = {
      webhooks: [{ ...REFERENCE_WEBHOOK, events: ["deploy.done", "error", "error", "deploy.done"] }],
      git_auto_commit: { on_events: ["deploy.done"] },
      notifications: [{ ...REFERENCE_NOTIFICATION, priority: "critical" }],
    };
    const state = read(file);
    expect(state).toMatchObject({
      webhooks: [{ events: ["error"], unknown_events: ["deploy.done"] }],
      git_auto_commit: { on_events: [], unknown_events: ["deploy.done"] },
      notifications: [{ priority: "normal", unknown_priority: "critical" }],
    });
    expect(readStateDocument(writeStateDocument(state))).toEqual(state);
  });

  it("gives a name back that it has come to know", () => {
    const file = {
      webhooks: [{ ...REFERENCE_WEBHOOK, events: [], unknown_events: ["task.sync"] }],
      git_auto_commit: { on_events: ["error"], unknown_events: ["task.sync", "deploy.done"] },
    };
    const { webhooks, git_auto_commit } = read(file);
    expect(webhooks[0]).toEqual({ ...REFERENCE_WEBHOOK, events: ["task.sync"] });
    expect(git_auto_commit).toEqual({
      enabled: false,
      on_events: ["error", "task.sync"],
      unknown_events: ["deploy.done"],
    });
  });

  it("keeps two webhooks with one URL, whose spelling becomes the normal one", () => {
    const file = {
      webhooks: [
        { ...REFERENCE_WEBHOOK, id: "a", url: "https://EXAMPLE.com" },
        { ...REFERENCE_WEBHOOK, id: "b", url: "https://example.com/", secret: "other" },
      ],
    };
    expect(read(file).webhooks.map(({ id, url }) => [id, url])).toEqual([
      ["a", "https://example.com/"],
      ["b", "https://example.com/"],
    ]);
  });

  it("keeps a URL that is none", () => {
    expect(read({ webhooks: [{ ...REFERENCE_WEBHOOK, url: "not a url" }] }).webhooks[0]?.url).toBe(
      "not a url",
    );
  });

  it.each([
    ["oldest first", [1, 2, 3]],
    ["newest first", [3, 2, 1]],
  ])("reads a history that stands %s", (_, days) => {
    const file = {
      notifications: days.map((day) => ({
        ...REFERENCE_NOTIFICATION,
        id: `n${day}`,
        created_at: `2026-03-0${day}T00:00:00Z`,
      })),
    };
    expect(read(file).notifications.map(({ id }) => id)).toEqual(["n1", "n2", "n3"]);
  });
});
