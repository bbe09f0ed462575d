import type { Delivery, DeliveryContext, Dispatcher, Reconciliation, SentPart } from "@core/registry";
import { silentLogger } from "@core/registry";
import { describe, expect, it } from "vitest";
import { createManualClock } from "@core/testing";
import { claimedDelivery } from "../testing/claimed-delivery.ts";
import { recordingDispatcher } from "../testing/tasks-fixture.ts";
import { deliveryOf } from "./delivery-payload.ts";
import type { LostAnswer } from "./delivery-reconciliation.ts";
import { reconcileLostAnswer } from "./delivery-reconciliation.ts";

const first = { index: 0, external_id: "m0" };
const second = { index: 1, external_id: "m1" };

describe("an answer that was lost", () => {
  it("ends as delivered when the receiver has it all", async () => {
    const { answer } = await ask({ status: "sent", externalIds: ["m0"] });
    expect(answer).toEqual({ outcome: { status: "delivered", externalIds: ["m0"] } });
  });

  it("is sent when the receiver has nothing of it", async () => {
    const { answer } = await ask({ status: "not_sent" });
    expect(answer).toEqual({ outcome: null, sentParts: [] });
  });

  it("goes on behind the parts that the receiver has, which are kept first", async () => {
    const { answer, kept } = await ask({ status: "partly_sent", parts: [first, second] }, [first]);
    expect(answer).toEqual({ outcome: null, sentParts: [first, second] });
    expect(kept).toEqual([second]);
  });

  it("stays ambiguous for the reason that the receiver gives", async () => {
    const { answer } = await ask({ status: "unknown", reason: "The history is closed." });
    expect(answer.outcome).toMatchObject({ message: expect.stringContaining("The history is closed.") });
  });

  it("stays ambiguous when the receiver cannot tell, has no way to be asked, or says nonsense", async () => {
    const unknown = { outcome: { failure: "ambiguous", code: "unknown_whether_sent" } };
    expect((await ask({ status: "unknown" })).answer).toMatchObject(unknown);
    expect((await ask(undefined)).answer).toMatchObject(unknown);
    expect((await ask({ status: "perhaps" } as unknown as Reconciliation)).answer).toMatchObject(unknown);
  });
});

async function ask(
  says: Reconciliation | undefined,
  known: readonly SentPart[] = [],
): Promise<{ readonly answer: LostAnswer; readonly kept: readonly SentPart[] }> {
  const kept: SentPart[] = [];
  const dispatcher: Dispatcher = recordingDispatcher(undefined, says ? { reconcile: async () => says } : {});
  const delivery: Delivery = deliveryOf(claimedDelivery({ sent_parts: known }), {}, null);
  const context: DeliveryContext = {
    signal: new AbortController().signal,
    logger: silentLogger,
    clock: createManualClock(0),
    partSent: async (part) => void kept.push(part),
  };
  return { answer: await reconcileLostAnswer(dispatcher, delivery, context), kept };
}
