import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DemoReceiver } from "./demo-receiver.ts";
import { startDemoReceiver } from "./demo-receiver.ts";

const never = new AbortController().signal;
let receiver: DemoReceiver;

beforeEach(async () => {
  receiver = await startDemoReceiver();
});
afterEach(() => receiver.close());

function post(body: string): Promise<Response> {
  return fetch(`${receiver.url}/hook`, { method: "POST", headers: { "webhook-id": "dlv_1" }, body });
}

describe("demo receiver", () => {
  test("gives a request as it came and answers it when it is told what", async () => {
    const response = post('{"größe": 1}');
    const arrival = await receiver.next(never);
    expect(arrival).toMatchObject({ method: "POST", path: "/hook", rawBody: '{"größe": 1}' });
    expect(arrival.headers["webhook-id"]).toBe("dlv_1");
    arrival.answer(503);
    expect((await response).status).toBe(503);
  });

  test("keeps a request that nobody has asked for yet", async () => {
    const first = post("1");
    (await receiver.next(never)).answer(200);
    await first;
    const second = receiver.next(never);
    const response = post("2");
    (await second).answer(200);
    expect((await response).status).toBe(200);
  });

  test("stops waiting when it is told to", async () => {
    const stop = new AbortController();
    const waiting = receiver.next(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow("aborted");
  });

  test("closes though a request was never answered", async () => {
    const response = post("held");
    await receiver.next(never);
    await receiver.close();
    await expect(response).rejects.toThrow("fetch failed");
  });
});
