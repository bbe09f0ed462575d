import type { DeliveryEngine } from "./delivery-engine.ts";
import type { Liveness } from "./liveness.ts";
import type { Slots } from "./slots.ts";
import type { TaskEngine } from "./task-engine.ts";
import type { WakeSignal } from "./wake-signal.ts";

/** What a worker does, by itself or when it is told to. */
export interface WorkLoop {
  /** Works until the worker is stopped. */
  run(): Promise<void>;
  /** One round: fires schedules, claims what there is room for, starts it, and returns how many pieces that were. */
  tick(): Promise<number>;
  /** Rounds until nothing is due and nothing is in hand. */
  runUntilIdle(): Promise<void>;
  /** Resolves when the round that is under way has ended. */
  quiet(): Promise<void>;
}

export interface WorkLoopOptions {
  readonly tasks: TaskEngine;
  readonly fireSchedules: () => Promise<void>;
  readonly deliveries: Pick<DeliveryEngine, "claim" | "look">;
  readonly deliverySlots: Slots;
  readonly liveness: Liveness;
  readonly wake: WakeSignal;
  readonly random: () => number;
  readonly pollMs: number;
  readonly isStopped: () => boolean;
  /** False: news of cancelling do not arrive and are asked for. */
  readonly hears: () => boolean;
  readonly reportRound: (error: unknown) => unknown;
}

export function createWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { tasks, fireSchedules, deliveries, deliverySlots, liveness, wake, pollMs, random } = options;
  const { isStopped, hears, reportRound } = options;
  let lastRound: Promise<unknown> = Promise.resolve();

  return {
    run,
    tick,
    async runUntilIdle() {
      for (;;) {
        await Promise.all([tasks.idle(), deliverySlots.idle()]);
        // Asked while nothing was in hand, so that no end can give a turn behind the question's back.
        if ((await tick()) === 0 && tasks.size + deliverySlots.size === 0) return;
      }
    },
    quiet: async () => void (await lastRound),
  };

  /** Work is claimed whenever there is a reason; this looks now and then, should a reason not have been heard of. */
  async function run(): Promise<void> {
    while (!isStopped()) {
      tasks.lookForAll();
      deliveries.look();
      if (!hears()) await liveness.abortCancelled().catch(reportRound);
      await wake.sleep(pollMs * (0.75 + random() / 2));
    }
  }

  /** Rounds follow each other, so that two of them never fill the same free place. */
  function tick(): Promise<number> {
    const round = lastRound.then(playRound);
    lastRound = round.catch(() => 0);
    return round;
  }

  async function playRound(): Promise<number> {
    if (isStopped()) return 0;
    await liveness.begin();
    if (liveness.lost) return 0;
    await fireSchedules();
    return (await tasks.claim()) + (await deliveries.claim());
  }
}
