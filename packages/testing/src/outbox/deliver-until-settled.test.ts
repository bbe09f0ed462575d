import { ambiguous, delivered, misconfigured, permanent, retryable, skipped } from "@core/registry";
import type { Delivery, DeliveryOutcome, Dispatcher, Reconciliation } from "@core/registry";
import { describe, expect, test } from "vitest";
import { deliveryOf } from "../fakes/delivery-factory.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { deliverUntilSettled } from "./deliver-until-settled.ts";

const failure = { code: "test", message: "A test." };
const lost = ambiguous(failure);
const later = retryable(failure);

interface ScriptedDispatcher extends Dispatcher {
  readonly calls: readonly Pick<Delivery, "id" | "attempt" | "sent_parts">[];
}

/** Gives one outcome after the other, the last one from then on; an error is thrown. */
function scripted(outcomes: readonly unknown[], more: Partial<Dispatcher> = {}): ScriptedDispatcher {
  const calls: ScriptedDispatcher["calls"][number][] = [];
  return {
    ...more,
    calls,
    async deliver({ id, attempt, sent_parts }) {
      const outcome = outcomes[Math.min(calls.push({ id, attempt, sent_parts }), outcomes.length) - 1];
      if (outcome instanceof Error) throw outcome;
      return outcome as DeliveryOutcome;
    },
  };
}

function reconciling(...answers: readonly Reconciliation[]): Pick<Dispatcher, "reconcile"> {
  let count = 0;
  return {
    reconcile: async () => answers[Math.min((count += 1), answers.length) - 1] ?? { status: "unknown" },
  };
}

test.each([
  ["delivered", delivered()],
  ["skipped", skipped("A test.")],
  ["dead", permanent(failure)],
  ["parked", misconfigured(failure)],
  ["held", lost],
  ["held", new Error("A test.")],
  ["held", "no outcome"],
  ["held", { status: "failed" }],
])("%s is how %j ends at once", async (state, outcome) => {
  const settled = await deliverUntilSettled(scripted([outcome]), deliveryOf());
  expect([settled.state, settled.attempts.length]).toEqual([state, 1]);
});

test("what may be tried again is tried again with the same id, at most twelve times", async () => {
  const dispatcher = scripted([later]);
  const settled = await deliverUntilSettled(dispatcher, deliveryOf({ id: "d1" }));
  expect(settled.state).toBe("dead");
  expect(dispatcher.calls.map(({ id, attempt }) => `${id}: ${attempt}`)).toEqual(
    Array.from({ length: 12 }, (_, index) => `d1: ${index + 1}`),
  );
});

test("nobody waits, but the clock shows the time that the receiver asked for", async () => {
  const clock = createManualClock(0);
  const dispatcher = scripted([retryable({ ...failure, retryAfterMs: 60_000 }), delivered()]);
  await deliverUntilSettled(dispatcher, deliveryOf(), { clock });
  expect(clock.now()).toBeGreaterThanOrEqual(60_000);
});

test("parts that were sent are given to the next attempt", async () => {
  const dispatcher = scripted([]);
  const seen: unknown[] = [];
  const settled = await deliverUntilSettled(
    {
      ...dispatcher,
      async deliver({ sent_parts }, { partSent }) {
        seen.push(sent_parts);
        await partSent({ index: sent_parts.length, external_id: "x" });
        return sent_parts.length < 1 ? later : delivered();
      },
    },
    deliveryOf(),
  );
  expect(seen).toEqual([[], [{ index: 0, external_id: "x" }]]);
  expect(settled.sentParts).toHaveLength(2);
});

describe("when an answer is lost,", () => {
  test.each([lost, new Error("A test."), undefined])(
    "an idempotent one sends again after %j",
    async (outcome) => {
      const dispatcher = scripted([outcome, delivered()], { idempotent: true });
      expect((await deliverUntilSettled(dispatcher, deliveryOf())).state).toBe("delivered");
      expect(dispatcher.calls).toHaveLength(2);
    },
  );

  test("it is delivered if the receiver has it", async () => {
    const dispatcher = scripted([lost], reconciling({ status: "sent", externalIds: [] }));
    expect((await deliverUntilSettled(dispatcher, deliveryOf())).state).toBe("delivered");
    expect(dispatcher.calls).toHaveLength(1);
  });

  test("it is sent again if the receiver does not have it", async () => {
    const dispatcher = scripted([lost, delivered()], reconciling({ status: "not_sent" }));
    expect((await deliverUntilSettled(dispatcher, deliveryOf())).state).toBe("delivered");
    expect(dispatcher.calls).toHaveLength(2);
  });

  test("it goes on behind the parts that the receiver has", async () => {
    const parts = [{ index: 0 }, { index: 1 }];
    const dispatcher = scripted([lost, delivered()], reconciling({ status: "partly_sent", parts }));
    const settled = await deliverUntilSettled(dispatcher, deliveryOf());
    expect(dispatcher.calls[1]?.sent_parts).toEqual(parts);
    expect(settled.sentParts).toEqual(parts);
  });

  test("it is held at once if the receiver cannot tell, or says nonsense", async () => {
    for (const answers of [[], [{ status: "perhaps" } as unknown as Reconciliation]]) {
      const settled = await deliverUntilSettled(scripted([lost], reconciling(...answers)), deliveryOf());
      expect([settled.state, settled.attempts.length]).toEqual(["held", 2]);
    }
  });

  test("an attempt that hangs is given up", async () => {
    const dispatcher = scripted([]);
    const hanging = { ...dispatcher, deliver: () => new Promise<never>(() => {}) };
    const settled = await deliverUntilSettled(hanging, deliveryOf(), { timeoutMs: 1, graceMs: 1 });
    expect(settled).toMatchObject({ state: "held", attempts: [{ ending: "hung" }] });
  });
});

test("a target that is refused is not delivered to", async () => {
  const dispatcher = scripted([delivered()]);
  const refused = deliverUntilSettled(dispatcher, deliveryOf({ target: { token: "x" } }));
  await expect(refused).rejects.toThrow(/The target was refused. token: /);
  expect(dispatcher.calls).toEqual([]);
});
