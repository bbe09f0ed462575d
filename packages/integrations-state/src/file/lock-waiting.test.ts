import { createManualClock } from "@core/testing";
import type { ManualClock } from "@core/testing";
import { describe, expect, it } from "vitest";
import { note, notesOf } from "../testing/contract/scene.ts";
import { createCrashDisk } from "../testing/files/crash-disk.ts";
import { createMemoryMutex } from "../testing/files/memory-mutex.ts";
import { makeScratchFolder } from "../testing/files/scratch-folder.ts";
import { startStateChild } from "../testing/files/state-child.ts";
import type { FileMutex } from "./file-mutex.ts";
import type { StateFileOptions } from "./state-file-options.ts";
import { createStateFile } from "./state-file.ts";

const PATH = "/data/integrations.json";
const LOCK = `${PATH}.lock.db`;
const DAY_MS = 86_400_000;

function scene(options: StateFileOptions = {}) {
  const { fileSystem } = createCrashDisk({ "/data/other": "" });
  const mutex = createMemoryMutex();
  const clock = createManualClock();
  const store = createStateFile({ path: PATH, fileSystem, mutex, clock, ...options });
  return { store, mutex, clock };
}

const timedOut = {
  code: "STATE_LOCK_TIMEOUT",
  retryable: true,
  message: expect.stringMatching(
    /for 5000 ms\. Try again; if it stays so, look for a process that was stopped/,
  ),
};

describe("while somebody else holds the lock", () => {
  it("an update waits five seconds and no longer, and a read not at all", async () => {
    const { store, mutex, clock } = scene();
    const held = await mutex.tryAcquire(LOCK);
    const outcome = store.update((state) => note(state, "mine")).catch((error: unknown) => error);
    expect(notesOf(await store.read())).toEqual([]);
    await clock.elapse(5_010);
    expect(await outcome).toMatchObject(timedOut);
    await held?.release();
    await store.update((state) => note(state, "later"));
    expect(notesOf(await store.read())).toEqual(["later"]);
  });

  it("an update goes on as soon as it is free", async () => {
    const { store, mutex, clock } = scene();
    const held = await mutex.tryAcquire(LOCK);
    const update = store.update((state) => note(state, "mine"));
    await clock.elapse(4_900);
    await held?.release();
    await clock.elapse(9);
    await expect(update).resolves.toMatchObject({ state: { notifications: [{ message: "mine" }] } });
  });

  it.each([DAY_MS, -DAY_MS])("a jump of the clock by %d ms changes nothing", async (jumpMs) => {
    const hands = createManualClock();
    let offMs = 0;
    const clock: ManualClock = { ...hands, now: () => hands.now() + offMs };
    const { store, mutex } = scene({ clock });
    const held = await mutex.tryAcquire(LOCK);
    let isSettled = false;
    const update = store.update((state) => note(state, "mine")).finally(() => (isSettled = true));
    await hands.elapse(4_000);
    offMs = jumpMs;
    await hands.elapse(900);
    expect(isSettled).toBe(false);
    await held?.release();
    await hands.elapse(9);
    await update;
    expect(notesOf(await store.read())).toEqual(["mine"]);
  });

  it.each([
    [0, 1],
    [0.5, 5],
    [0.999, 8.992],
  ])("asking again comes after a time by lot (%d: %d ms)", async (lot, pauseMs) => {
    const asked: number[] = [];
    const clock = createManualClock(0);
    const mutex: FileMutex = {
      async tryAcquire() {
        asked.push(clock.now());
        return null;
      },
    };
    const { store } = scene({ mutex, clock, random: () => lot });
    const update = store.update(() => undefined).catch(() => undefined);
    await clock.elapse(3 * pauseMs);
    expect(asked.slice(0, 4)).toEqual([0, 1, 2, 3].map((n) => expect.closeTo(n * pauseMs)));
    await clock.elapse(6_000);
    await update;
  });
});

describe("a holder in another process", () => {
  const enter = (path: string): string => `
    const store = createStateFile({ path: ${JSON.stringify(path)}, mutatorTimeoutMs: 60_000 });
    await store.update(async (state) => {
      say("inside");
      await new Promise((resolve) => setTimeout(resolve, 300));
      note("theirs")(state);
    });
    say("stored");`;

  it("that is stopped stays the holder: others time out, and it goes on when it is woken", async () => {
    using folder = makeScratchFolder();
    const path = folder.at("state.json");
    const store = createStateFile({ path, lockTimeoutMs: 100 });
    await using holder = startStateChild(enter(path));
    expect(await holder.line()).toBe("inside");
    holder.process.kill("SIGSTOP");
    await expect(store.update((state) => note(state, "mine"))).rejects.toMatchObject({
      code: "STATE_LOCK_TIMEOUT",
    });
    holder.process.kill("SIGCONT");
    expect(await holder.line()).toBe("stored");
    await store.update((state) => note(state, "mine, later"));
    expect(notesOf(await store.read()).toSorted()).toEqual(["mine, later", "theirs"]);
  });

  it("that is killed with -9 is none any more", async () => {
    using folder = makeScratchFolder();
    const path = folder.at("state.json");
    await using holder = startStateChild(enter(path));
    expect(await holder.line()).toBe("inside");
    const store = createStateFile({ path, lockTimeoutMs: 60_000 });
    const update = store.update((state) => note(state, "mine"));
    await holder.kill();
    await update;
    expect(notesOf(await store.read())).toEqual(["mine"]);
  });
});
