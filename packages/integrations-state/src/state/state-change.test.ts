import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyState } from "./empty-state.ts";
import type { IntegrationState, StoredNotification, StoredWebhook } from "./integration-state.ts";
import { changeState } from "./state-change.ts";
import { normalState } from "./state-document.ts";

const clock = { now: () => Date.parse("2026-06-01T00:00:00Z"), after: () => () => undefined };

/** Few of everything, so that entries share their times and are hit twice. */
const time = fc.constantFrom(1, 2, 3).map((day) => `2026-01-0${day}T00:00:00.000Z`);

const webhook: fc.Arbitrary<StoredWebhook> = fc.record({
  id: fc.uuid(),
  url: fc.constantFrom("https://EXAMPLE.com", "https://example.com/a", "no url"),
  events: fc.constant([]),
  secret: fc.string(),
  created_at: time,
  updated_at: time,
});

const notification: fc.Arbitrary<StoredNotification> = fc.record({
  id: fc.uuid(),
  channel: fc.constant("slack"),
  message: fc.string(),
  priority: fc.constant("normal"),
  delivered: fc.boolean(),
  created_at: time,
  meta: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })),
});

type Step = (state: IntegrationState) => void;

const place = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  notification.map(
    (entry): Step =>
      (state) =>
        void state.notifications.push(structuredClone(entry)),
  ),
  notification.map(
    (entry): Step =>
      (state) =>
        void state.notifications.unshift(structuredClone(entry)),
  ),
  webhook.map(
    (entry): Step =>
      (state) =>
        void state.webhooks.push(structuredClone(entry)),
  ),
  fc.tuple(place, fc.boolean()).map(([at, delivered]) => replacing(at, { delivered })),
  fc.tuple(place, time).map(([at, date]) => replacing(at, { created_at: date })),
  fc.tuple(place, fc.string()).map(([at, deep]) => replacing(at, { meta: { deep: { deep } } })),
  fc.tuple(place, fc.string()).map(([at, secret]): Step => (state) => {
    const entry = state.webhooks.at(at);
    if (entry) entry.secret = secret;
  }),
  fc.tuple(place, place).map(
    ([at, count]): Step =>
      (state) =>
        void state.notifications.splice(at, count),
  ),
  place.map(
    (at): Step =>
      (state) =>
        void state.webhooks.splice(at, 1),
  ),
  place.map((at): Step => (state) => {
    const entry = state.webhooks.at(at);
    if (entry) state.webhooks.push(entry);
  }),
  fc.constant<Step>((state) => {
    state.notifications = state.notifications.toReversed();
    state.webhooks = state.webhooks.toReversed();
  }),
  fc.constant<Step>((state) => {
    state.notifications = [];
  }),
  fc.boolean().map((enabled): Step => (state) => {
    state.git_auto_commit = { enabled, on_events: [] };
  }),
  fc.tuple(place, fc.jsonValue({ maxDepth: 1 })).map(([at, other]): Step => (state) => {
    const others: unknown = Reflect.get(state, "others");
    if (Array.isArray(others)) others.splice(at, 1, other);
  }),
  fc.jsonValue({ maxDepth: 1 }).map(
    (extra): Step =>
      (state) =>
        void Object.assign(state, { extra }),
  ),
);

function replacing(at: number, fields: Partial<StoredNotification>): Step {
  return (state) => {
    const entry = state.notifications.at(at);
    if (entry) state.notifications[at] = { ...entry, ...fields };
  };
}

const base = fc
  .record({
    webhooks: fc.array(webhook),
    notifications: fc.array(notification),
    others: fc.array(fc.jsonValue({ maxDepth: 1 })),
  })
  .map((some) => normalState({ ...emptyState(new Date(0)), ...some }));

const STORED: StoredNotification = {
  id: "n",
  channel: "slack",
  message: "m",
  priority: "normal",
  delivered: false,
  created_at: "2026-01-01T00:00:00.000Z",
  meta: { a: 0 },
};

const stateWith = (entry: StoredNotification): IntegrationState =>
  normalState({ ...emptyState(new Date(0)), notifications: [entry] });

describe("a change", () => {
  it("leaves what would be read of the state that its mutator left, and the one before as it was", async () => {
    await fc.assert(
      fc.asyncProperty(base, fc.array(step, { maxLength: 8 }), async (state, steps) => {
        const before = structuredClone(state);
        const expected = structuredClone(state);
        for (const one of steps) one(expected);
        const { next, update } = await changeState(
          state,
          (draft) => {
            for (const one of steps) one(draft);
          },
          clock,
        );
        expect(next).toEqual(normalState({ ...expected, updated_at: "2026-06-01T00:00:00.000Z" }));
        expect(update.state).toEqual(next);
        expect(state).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, Step]>([
    ["a field", (state) => void Object.assign(state.notifications[0] ?? {}, { delivered: true })],
    ["what its delivery was", (state) => void Object.assign(state.notifications[0]?.meta ?? {}, { a: 1 })],
  ])("cannot touch %s of a stored notification, and says so", async (_, mutator) => {
    const state = stateWith(STORED);
    await expect(changeState(state, mutator, clock)).rejects.toThrow(/read only property/);
    expect(state.notifications).toEqual([STORED]);
  });

  it("answers a state that its caller may do with as it likes", async () => {
    const state = stateWith(STORED);
    const { next, update } = await changeState(state, () => undefined, clock);
    Object.assign(update.state.notifications[0] ?? {}, { message: "mine" });
    expect(update.state.notifications[0]?.message).toBe("mine");
    expect(next.notifications[0]?.message).toBe("m");
  });
});
