import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import { readAsReference } from "../testing/reference-state.ts";
import { readStateDocument, writeStateDocument } from "./state-document.ts";

const TIME = "2026-03-01T10:00:00.000Z";

const WEBHOOK = {
  id: "w1",
  url: "https://example.com/hook",
  events: ["session.end", "error"],
  secret: "hunter2",
  created_at: TIME,
  updated_at: TIME,
};

const NOTIFICATION = {
  id: "n1",
  channel: "slack",
  message: "Done.",
  priority: "high",
  delivered: true,
  created_at: TIME,
  meta: { status: 200 },
};

const FULL = {
  version: 1,
  updated_at: TIME,
  webhooks: [WEBHOOK],
  git_auto_commit: { enabled: true, on_events: ["task.sync"] },
  notifications: [NOTIFICATION],
};

const read = (value: unknown) => readStateDocument(JSON.stringify(value));

function faultOf(document: string): unknown {
  try {
    return readStateDocument(document);
  } catch (error) {
    return error;
  }
}

describe("a file of the first version", () => {
  it("loads as it is", () => {
    expect(read(FULL)).toEqual({ ...FULL, destinations: [] });
  });

  it("loads with a byte order mark", () => {
    expect(readStateDocument(`\uFEFF${JSON.stringify(FULL)}`)).toEqual({ ...FULL, destinations: [] });
  });

  it.each([
    ["nothing in it", {}, { version: 1, webhooks: [], notifications: [], destinations: [] }],
    ["no version", { ...FULL, version: undefined }, { version: 1 }],
    ["nulls", { ...FULL, version: null, webhooks: null, notifications: null }, { version: 1, webhooks: [] }],
    ["no git settings", { ...FULL, git_auto_commit: undefined }, { git_auto_commit: { enabled: false } }],
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
      { webhooks: [{ url: WEBHOOK.url }] },
      { webhooks: [{ secret: "", events: [...INTEGRATION_EVENTS], created_at: "1970-01-01T00:00:00.000Z" }] },
    ],
    [
      "a webhook that listens to nothing",
      { webhooks: [{ ...WEBHOOK, events: [] }] },
      { webhooks: [{ events: [] }] },
    ],
    [
      "a webhook with one of the times",
      { webhooks: [{ ...WEBHOOK, updated_at: undefined }] },
      { webhooks: [{ updated_at: TIME }] },
    ],
    [
      "a notification with nothing but its message",
      { notifications: [{ message: "m" }] },
      { notifications: [{ message: "m", priority: "normal", delivered: false, meta: {} }] },
    ],
  ])("loads with %s", (_, file, expected) => {
    expect(read(file)).toMatchObject(expected);
  });

  it("loads with any of its optional fields missing, and is then a whole state", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(FULL).chain(({ webhooks: _w, notifications: _n, ...rest }) =>
          fc.record(
            {
              ...constants(rest),
              webhooks: fc.array(fc.record(constants(WEBHOOK), { requiredKeys: ["url"] })),
              notifications: fc.array(fc.record(constants(NOTIFICATION), { requiredKeys: [] })),
            },
            { requiredKeys: [] },
          ),
        ),
        (file) => {
          const state = read(file);
          expect(Object.keys(state)).toEqual([...Object.keys(FULL), "destinations"]);
          for (const entry of state.webhooks) expect(Object.keys(entry)).toEqual(Object.keys(WEBHOOK));
          for (const entry of state.notifications)
            expect(Object.keys(entry)).toEqual(Object.keys(NOTIFICATION));
        },
      ),
    );
  });

  it("gives a webhook without an id the same id at each reading", () => {
    const file = { webhooks: [{ url: WEBHOOK.url }, { url: "https://example.com/other" }] };
    const [first, second] = read(file).webhooks.map(({ id }) => id);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
    expect(read(file)).toEqual(read(file));
  });
});

describe("nothing that a file holds is lost", () => {
  it("keeps fields that nobody here knows, at every level", () => {
    const file = {
      ...FULL,
      alerts: [1],
      webhooks: [{ ...WEBHOOK, label: "x" }],
      git_auto_commit: { ...FULL.git_auto_commit, branch: "b" },
      notifications: [{ ...NOTIFICATION, thread: { ts: 1 } }],
    };
    expect(JSON.parse(writeStateDocument(read(file)))).toEqual({ ...file, destinations: [] });
  });

  it("keeps names of events and priorities that only another version knows, and each name once", () => {
    const state = read({
      webhooks: [{ ...WEBHOOK, events: ["deploy.done", "error", "error"] }],
      git_auto_commit: { on_events: ["deploy.done"] },
      notifications: [{ ...NOTIFICATION, priority: "critical" }],
    });
    expect(state.webhooks[0]?.events).toEqual(["deploy.done", "error"]);
    expect(state.git_auto_commit.on_events).toEqual(["deploy.done"]);
    expect(state.notifications[0]?.priority).toBe("critical");
  });

  it("keeps two webhooks with one URL, whose spelling becomes the normal one", () => {
    const file = {
      webhooks: [
        { ...WEBHOOK, id: "a", url: "https://EXAMPLE.com" },
        { ...WEBHOOK, id: "b", url: "https://example.com/", secret: "other" },
      ],
    };
    expect(read(file).webhooks.map(({ id, url }) => [id, url])).toEqual([
      ["a", "https://example.com/"],
      ["b", "https://example.com/"],
    ]);
  });

  it("keeps a URL that is none", () => {
    expect(read({ webhooks: [{ ...WEBHOOK, url: "not a url" }] }).webhooks[0]?.url).toBe("not a url");
  });

  it.each([
    ["oldest first", [1, 2, 3]],
    ["newest first", [3, 2, 1]],
  ])("reads a history that stands %s", (_, days) => {
    const file = {
      notifications: days.map((day) => ({
        ...NOTIFICATION,
        id: `n${day}`,
        created_at: `2026-03-0${day}T00:00:00Z`,
      })),
    };
    expect(read(file).notifications.map(({ id }) => id)).toEqual(["n1", "n2", "n3"]);
  });
});

describe("a document that cannot be read", () => {
  it.each([
    ["", "line 1, column 1"],
    ["hunter2", "line 1, column 1"],
    ['{"version": 1,\n "webhooks": [{"secret": "hunter2", }]}', "line 2, column 37"],
    ['{"version": 1, "webhooks": [{"secret": "hunter2"', "line 1, column 49"],
    ['{"secret": "hunter2', "line 1, column 12"],
  ])("names line and column when %j is not JSON", (document, place) => {
    expect(faultOf(document)).toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringContaining(place),
    });
  });

  it.each([
    ["[]", "the whole"],
    ['"hunter2"', "the whole"],
    ['{"webhooks": {}}', "webhooks"],
    ['{"webhooks": ["hunter2"]}', "webhooks.0"],
    ['{"webhooks": [{"secret": "hunter2"}]}', "webhooks.0.url"],
    ['{"webhooks": [{"url": "https://example.com", "secret": ["hunter2"]}]}', "webhooks.0.secret"],
    ['{"webhooks": [{"url": "https://example.com", "events": [1]}]}', "webhooks.0.events.0"],
    ['{"git_auto_commit": {"enabled": "hunter2"}}', "git_auto_commit.enabled"],
    ['{"notifications": [{"meta": "hunter2"}]}', "notifications.0.meta"],
    ['{"destinations": [{"name": "n", "channel": "slack", "url": null}]}', "destinations.0.url"],
    ['{"version": "hunter2"}', "version"],
    ['{"version": 0}', "version"],
  ])("names the field when %s is no state", (document, field) => {
    const fault = faultOf(document);
    expect(fault).toMatchObject({ code: "STATE_CORRUPT", message: expect.stringContaining(` ${field}: `) });
  });

  it("is refused when it is of a newer version, whatever else it holds", () => {
    expect(faultOf('{"version": 2, "webhooks": "hunter2"}')).toMatchObject({
      code: "STATE_VERSION_UNSUPPORTED",
      details: { version: 2 },
    });
  });

  it("is never quoted", () => {
    const secret = "hunter2hunter2";
    const whole = JSON.stringify({ ...FULL, webhooks: [{ ...WEBHOOK, secret }] }, null, 2);
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.constantFrom("", "{", '"', "\\", "x", "[", "7", "\u0000"),
        (at, put) => {
          const fault = faultOf(whole.slice(0, at) + put + whole.slice(at + 1));
          if (!(fault instanceof Error)) return;
          expect(inspect(fault, { depth: 10 })).not.toContain(secret.slice(0, 8));
          expect(fault.cause).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a document that is written", () => {
  it("has the fields in their order, two spaces and a newline at the end", () => {
    const { version, ...rest } = read(FULL);
    expect(writeStateDocument({ ...rest, version })).toBe(
      `${JSON.stringify({ ...FULL, destinations: [] }, null, 2)}\n`,
    );
  });

  it("keeps the newest 200 notifications", () => {
    const notifications = Array.from({ length: 230 }, (_, n) => ({
      ...NOTIFICATION,
      id: `n${n}`,
      created_at: new Date(n * 1_000).toISOString(),
    }));
    const { notifications: kept } = readStateDocument(writeStateDocument(read({ notifications })));
    expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([200, "n30", "n229"]);
  });

  it("is refused when it could not be read again", () => {
    const state = read(FULL);
    Reflect.set(state.webhooks, 0, { id: "w1" });
    expect(() => writeStateDocument(state)).toThrow(
      expect.objectContaining({
        code: "INTEGRATIONS_INPUT_INVALID",
        message: expect.stringContaining("webhooks.0.url"),
      }),
    );
  });

  it("is read again as what was written", () => {
    fc.assert(
      fc.property(anyState, (file) => {
        const state = read(file);
        expect(readStateDocument(writeStateDocument(state))).toEqual(state);
        expect(writeStateDocument(readStateDocument(writeStateDocument(state)))).toBe(
          writeStateDocument(state),
        );
      }),
    );
  });

  it("is understood by a reader of the first version", () => {
    fc.assert(
      fc.property(anyState, (file) => {
        const state = read(file);
        const reference = readAsReference(writeStateDocument(state));
        expect(state).toMatchObject(reference);
      }),
    );
  });
});

test("a document of the largest usual size is read and written", () => {
  const notifications = Array.from({ length: 200 }, (_, n) => ({ ...NOTIFICATION, id: `n${n}` }));
  const webhooks = Array.from({ length: 1_000 }, (_, n) => ({
    ...WEBHOOK,
    id: `w${n}`,
    url: `https://example.com/${n}`,
  }));
  const state = read({ ...FULL, notifications, webhooks });
  expect(readStateDocument(writeStateDocument(state))).toEqual(state);
});

const time = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

const anyState = fc.record({
  updated_at: time,
  extra: fc.jsonValue(),
  webhooks: fc.array(
    fc.record({
      id: fc.uuid(),
      url: fc.webUrl({ withQueryParameters: true }),
      events: fc.uniqueArray(fc.constantFrom(...INTEGRATION_EVENTS)),
      secret: fc.string({ unit: "binary" }),
      created_at: time,
      updated_at: time,
    }),
  ),
  git_auto_commit: fc.record({
    enabled: fc.boolean(),
    on_events: fc.uniqueArray(fc.constantFrom(...INTEGRATION_EVENTS)),
  }),
  notifications: fc.array(
    fc.record({
      id: fc.uuid(),
      channel: fc.constantFrom("slack", "discord", "email", "webhook"),
      message: fc.string({ unit: "binary" }),
      priority: fc.constantFrom("low", "normal", "high", "urgent"),
      delivered: fc.boolean(),
      created_at: time,
      meta: fc.dictionary(fc.string(), fc.jsonValue()),
    }),
  ),
  destinations: fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/),
      channel: fc.constantFrom("slack", "discord"),
      url: fc.webUrl(),
      is_default: fc.boolean(),
      created_at: time,
      updated_at: time,
    }),
  ),
});

function constants<Value extends object>(value: Value): { [Key in keyof Value]: fc.Arbitrary<Value[Key]> } {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, fc.constant(one)]),
  ) as unknown as {
    [Key in keyof Value]: fc.Arbitrary<Value[Key]>;
  };
}
