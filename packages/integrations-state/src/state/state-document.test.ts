import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { INTEGRATION_EVENTS } from "../events/event-names.ts";
import { REFERENCE_FILE, REFERENCE_NOTIFICATION, REFERENCE_WEBHOOK } from "../testing/reference-file.ts";
import { readAsReference } from "../testing/reference-state.ts";
import { readStateDocument, writeStateDocument } from "./state-document.ts";

const read = (value: unknown) => readStateDocument(JSON.stringify(value));

function faultOf(document: string): unknown {
  try {
    return readStateDocument(document);
  } catch (error) {
    return error;
  }
}

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
    const whole = JSON.stringify(
      { ...REFERENCE_FILE, webhooks: [{ ...REFERENCE_WEBHOOK, secret }] },
      null,
      2,
    );
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
    const { version, ...rest } = read(REFERENCE_FILE);
    expect(writeStateDocument({ ...rest, version })).toBe(
      `${JSON.stringify({ ...REFERENCE_FILE, destinations: [] }, null, 2)}\n`,
    );
  });

  it("keeps the newest 200 notifications", () => {
    const notifications = Array.from({ length: 230 }, (_, n) => ({
      ...REFERENCE_NOTIFICATION,
      id: `n${n}`,
      created_at: new Date(n * 1_000).toISOString(),
    }));
    const { notifications: kept } = readStateDocument(writeStateDocument(read({ notifications })));
    expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([200, "n30", "n229"]);
  });

  it("is refused when it could not be read again", () => {
    const state = read(REFERENCE_FILE);
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
  const notifications = Array.from({ length: 200 }, (_, n) => ({ ...REFERENCE_NOTIFICATION, id: `n${n}` }));
  const webhooks = Array.from({ length: 1_000 }, (_, n) => ({
    ...REFERENCE_WEBHOOK,
    id: `w${n}`,
    url: `https://example.com/${n}`,
  }));
  const state = read({ ...REFERENCE_FILE, notifications, webhooks });
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
