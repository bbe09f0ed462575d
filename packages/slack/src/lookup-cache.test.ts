import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { beforeEach, expect, test } from "vitest";
import type { LookupCache } from "./lookup-cache.ts";
import { createLookupCache } from "./lookup-cache.ts";

let clock: ManualClock;
let asked: string[];
let answer: (key: string) => Promise<string>;
let cache: LookupCache<string>;
beforeEach(() => {
  clock = createManualClock();
  asked = [];
  answer = async (key) => key.toUpperCase();
  cache = createLookupCache({
    clock,
    lifetimeMs: 600_000,
    failureLifetimeMs: 30_000,
    capacity: 3,
    load: (key) => {
      asked.push(key);
      return answer(key);
    },
  });
});

test("all who ask at the same time share one question", async () => {
  expect(await Promise.all([cache.get("a"), cache.get("a"), cache.get("a")])).toEqual(["A", "A", "A"]);
  expect(asked).toEqual(["a"]);
});

test("an answer is good for its time", async () => {
  await cache.get("a");
  clock.advance(599_999);
  await cache.get("a");
  expect(asked).toEqual(["a"]);
  clock.advance(1);
  await cache.get("a");
  expect(asked).toEqual(["a", "a"]);
});

test("a failure is kept for a short time only", async () => {
  answer = () => Promise.reject(new Error("down"));
  await expect(cache.get("a")).rejects.toThrow("down");
  clock.advance(29_999);
  await expect(cache.get("a")).rejects.toThrow("down");
  expect(asked).toEqual(["a"]);
  answer = async () => "up";
  clock.advance(1);
  expect(await cache.get("a")).toBe("up");
});

test("the oldest makes room, so that no more are kept than there is room for", async () => {
  for (const key of ["a", "b", "c", "d"]) await cache.get(key);
  for (const key of ["b", "c", "d"]) await cache.get(key);
  expect(asked).toEqual(["a", "b", "c", "d"]);
  await cache.get("a");
  await cache.get("b");
  expect(asked).toEqual(["a", "b", "c", "d", "a", "b"]);
});
