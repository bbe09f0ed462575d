import type { Bot, DeliveryOutcome, Dispatcher, SentPart } from "@core/registry";
import { delivered, retryable, silentLogger } from "@core/registry";
import { describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { ABORT_GRACE_MS } from "../lease/abort-grace.ts";
import type { AttemptEnd, AttemptOptions } from "./delivery-attempt.ts";
import { attemptDelivery } from "./delivery-attempt.ts";
import type { ClaimedDelivery } from "./delivery-claim.ts";
import { claimedDelivery } from "../testing/claimed-delivery.ts";
import { recordingDispatcher } from "../testing/tasks-fixture.ts";

const fail = (): never => {
  throw new Error("broken");
};

function attempt(
  dispatcher: Dispatcher,
  claimed: ClaimedDelivery = claimedDelivery(),
  more: Partial<AttemptOptions> = {},
): Promise<DeliveryOutcome> {
  return end(dispatcher, claimed, more).then(({ outcome }) => outcome);
}

function end(
  dispatcher: Dispatcher,
  claimed: ClaimedDelivery,
  more: Partial<AttemptOptions> = {},
): Promise<AttemptEnd> {
  return attemptDelivery(claimed, {
    dispatcher,
    resolveBot: async () => null,
    fileLink: () => null,
    partSent: async () => {},
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    clock: createManualClock(0),
    logger: silentLogger,
    ...more,
  });
}

describe("an attempt", () => {
  it("gives what the dispatcher gives", async () => {
    const busy = retryable({ code: "busy", message: "Busy.", retryAfterMs: 5 });
    await expect(attempt(recordingDispatcher(() => busy))).resolves.toEqual(busy);
  });

  it("is a lost answer when the dispatcher throws: tried again only where duplicates are dropped", async () => {
    await expect(attempt(recordingDispatcher(fail, {}))).resolves.toMatchObject({
      failure: "ambiguous",
      code: "answer_lost",
      message: "broken",
    });
    await expect(attempt(recordingDispatcher(fail))).resolves.toMatchObject({ failure: "retryable" });
  });

  it("is a lost answer when the dispatcher gives back something that is no outcome", async () => {
    const odd = recordingDispatcher(() => undefined as unknown as DeliveryOutcome, {});
    await expect(attempt(odd)).resolves.toMatchObject({ failure: "ambiguous", code: "outcome_invalid" });
  });

  it("is permanent when the stored target does not fit", async () => {
    const { target: _any, ...strict } = recordingDispatcher();
    const unread = claimedDelivery({ target_checked: false });
    await expect(attempt(strict, unread)).resolves.toMatchObject({
      failure: "permanent",
      code: "invalid_target",
    });
  });

  it("is retryable, not lost, when it fails before anything was sent", async () => {
    const recorder = recordingDispatcher(undefined, {});
    const speaking = claimedDelivery({ bot_id: "b" });
    await expect(attempt(recorder, speaking, { resolveBot: fail })).resolves.toMatchObject({
      failure: "retryable",
      code: "not_prepared",
    });
    const rejecting = { resolveBot: () => Promise.reject(new Error("no database")) };
    await expect(attempt(recorder, speaking, rejecting)).resolves.toMatchObject({ failure: "retryable" });
    const throwing: Dispatcher = {
      ...recorder,
      target: { "~standard": { version: 1, vendor: "test", validate: fail } },
    };
    await expect(attempt(throwing, claimedDelivery({ target_checked: false }))).resolves.toMatchObject({
      failure: "retryable",
      code: "not_prepared",
    });
    expect(recorder.deliveries).toEqual([]);
  });

  it("stays uncertain when it fails before anybody could find out what became of the last one", async () => {
    const recorder = recordingDispatcher(undefined, { reconcile: async () => ({ status: "not_sent" }) });
    const uncertain = claimedDelivery({ bot_id: "b", uncertain: true, attempt: 2 });
    await expect(attempt(recorder, uncertain, { resolveBot: fail })).resolves.toMatchObject({
      failure: "ambiguous",
    });
  });

  it("sends nothing behind the back of those who gave it up", async () => {
    const clock = createManualClock(0);
    const recorder = recordingDispatcher(undefined, {});
    const bot = Promise.withResolvers<Bot | null>();
    const speaking = claimedDelivery({ bot_id: "b" });
    const outcome = attempt(recorder, speaking, { clock, timeoutMs: 50, resolveBot: () => bot.promise });
    await clock.elapse(50 + ABORT_GRACE_MS);
    await expect(outcome).resolves.toMatchObject({ failure: "retryable", code: "not_prepared" });
    bot.resolve(null);
    await clock.elapse(0);
    expect(recorder.deliveries).toEqual([]);
  });

  it("ends at its deadline, and aborts the dispatcher's signal", async () => {
    const clock = createManualClock(0);
    const hanging = recordingDispatcher(() => new Promise<DeliveryOutcome>(() => {}), {});
    const reasons: unknown[] = [];
    const watching: Dispatcher = {
      ...hanging,
      deliver(delivery, context) {
        context.signal.addEventListener("abort", () => reasons.push(context.signal.reason));
        return hanging.deliver(delivery, context);
      },
    };
    const outcome = attempt(watching, claimedDelivery(), { clock, timeoutMs: 50 });
    await clock.elapse(50 + ABORT_GRACE_MS);
    await expect(outcome).resolves.toMatchObject({ failure: "ambiguous", code: "answer_lost" });
    expect(reasons).toMatchObject([{ message: "The attempt took too long." }]);
    expect(clock.pending()).toBe(0);
  });
});

describe("an uncertain attempt", () => {
  const uncertain = claimedDelivery({ uncertain: true, attempt: 2 });

  it("is sent blindly where the receiver drops duplicates", async () => {
    const recorder = recordingDispatcher(undefined, { idempotent: true, reconcile: fail });
    await expect(attempt(recorder, uncertain)).resolves.toEqual(delivered());
  });

  it("is not sent again when the receiver has it", async () => {
    const recorder = recordingDispatcher(undefined, {
      reconcile: async () => ({ status: "sent", externalIds: ["m1"] }),
    });
    await expect(attempt(recorder, uncertain)).resolves.toEqual(delivered({ externalIds: ["m1"] }));
    expect(recorder.deliveries).toEqual([]);
  });

  it("is sent when the receiver does not have it", async () => {
    const recorder = recordingDispatcher(undefined, { reconcile: async () => ({ status: "not_sent" }) });
    await expect(attempt(recorder, uncertain)).resolves.toEqual(delivered());
    expect(recorder.deliveries).toHaveLength(1);
  });

  it.each([[{}], [{ reconcile: async () => ({ status: "unknown" }) as const }], [{ reconcile: fail }]])(
    "stays uncertain when nobody can tell (%#)",
    async (declaration) => {
      const recorder = recordingDispatcher(undefined, declaration);
      await expect(attempt(recorder, uncertain)).resolves.toMatchObject({ failure: "ambiguous" });
      expect(recorder.deliveries).toEqual([]);
    },
  );
});

describe("an uncertain attempt", () => {
  const uncertain = claimedDelivery({ uncertain: true, attempt: 2 });

  it("may be asked about again unless the receiver has said that it cannot tell", async () => {
    const unknown = recordingDispatcher(undefined, { reconcile: async () => ({ status: "unknown" }) });
    await expect(end(unknown, uncertain)).resolves.toMatchObject({
      outcome: { failure: "ambiguous", code: "unknown_whether_sent" },
      canReconcile: false,
    });
    const unreachable = recordingDispatcher(undefined, { reconcile: fail });
    await expect(end(unreachable, uncertain)).resolves.toMatchObject({
      outcome: { failure: "ambiguous", code: "answer_lost" },
      canReconcile: true,
    });
  });

  it("that is stopped once the receiver has nothing of it is known not to be sent", async () => {
    const stop = new AbortController();
    const recorder = recordingDispatcher(undefined, {
      reconcile: async () => {
        stop.abort(new Error("stopping"));
        return { status: "not_sent" };
      },
    });
    const outcome = await attempt(recorder, uncertain, { signal: stop.signal });
    expect(outcome).toMatchObject({ failure: "retryable", code: "not_prepared", message: "stopping" });
    expect(recorder.deliveries).toEqual([]);
  });

  it("goes on behind the parts that the receiver has, once they are kept", async () => {
    const kept: SentPart[] = [];
    const recorder = recordingDispatcher(undefined, {
      reconcile: async () => ({ status: "partly_sent", parts: [{ index: 0, external_id: "m0" }] }),
    });
    await attempt(recorder, uncertain, { partSent: async (part) => void kept.push(part) });
    expect(kept).toEqual([{ index: 0, external_id: "m0" }]);
    expect(recorder.deliveries).toMatchObject([{ sent_parts: [{ index: 0, external_id: "m0" }] }]);
  });
});
