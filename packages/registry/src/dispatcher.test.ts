import { expect, test } from "vitest";
import { deliveryContext, messageDelivery } from "../test/fixtures.ts";
import { delivered } from "./delivery.ts";
import { joinDispatcher, streamingMode } from "./dispatcher.ts";
import type { Deliverer, DispatcherDeclaration, StreamSink } from "./dispatcher.ts";
import { noneDispatcher } from "./none-dispatcher.ts";

test("growing text is streamed if possible, else edited, else sent once at the end", () => {
  expect(streamingMode({ stream: true, edit: true })).toBe("stream");
  expect(streamingMode({ stream: true })).toBe("stream");
  expect(streamingMode({ stream: false, edit: true })).toBe("edit");
  expect(streamingMode({ files: true })).toBe("final");
  expect(streamingMode({})).toBe("final");
  expect(streamingMode(undefined)).toBe("final");
});

test("none delivers nothing and says so", async () => {
  const outcome = await noneDispatcher.deliver(messageDelivery(null), deliveryContext());
  expect(outcome).toEqual({ status: "skipped", reason: "The dispatch type is none." });
});

test("two halves that are class instances make one dispatcher with nothing lost", async () => {
  class Declaration implements DispatcherDeclaration {
    readonly idempotent = true;
    readonly prefix = "key:";
    orderKey(target: unknown): string {
      return this.prefix + String(target);
    }
    streamsTo(target: unknown): boolean {
      return this.orderKey(target) === "key:C1";
    }
  }
  class Sender implements Deliverer {
    readonly id = "m1";
    readonly shown: string[] = [];
    deliver(): ReturnType<Deliverer["deliver"]> {
      return Promise.resolve(delivered({ externalIds: [this.id] }));
    }
    reconcile(): ReturnType<NonNullable<Deliverer["reconcile"]>> {
      return Promise.resolve({ status: "sent", externalIds: [this.id] });
    }
    stream(): StreamSink {
      return { append: (text) => void this.shown.push(text), finish: () => Promise.resolve() };
    }
  }
  const sender = new Sender();
  const dispatcher = joinDispatcher(new Declaration(), sender);
  expect(dispatcher.idempotent).toBe(true);
  expect(dispatcher.orderKey?.("C1")).toBe("key:C1");
  expect(dispatcher.streamsTo?.("C1")).toBe(true);
  const delivery = messageDelivery<unknown>("C1");
  expect(await dispatcher.deliver(delivery, deliveryContext())).toMatchObject({ externalIds: ["m1"] });
  expect(await dispatcher.reconcile?.(delivery, deliveryContext())).toMatchObject({ externalIds: ["m1"] });
  dispatcher.stream?.({ ...delivery, task_id: "t1" }, deliveryContext()).append("Hel");
  expect(sender.shown).toEqual(["Hel"]);
});

test("what neither half has, the dispatcher does not have either", () => {
  const dispatcher = joinDispatcher({}, { deliver: () => Promise.resolve(delivered()) });
  expect(Object.keys(dispatcher)).toEqual(["deliver"]);
});
