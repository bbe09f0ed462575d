import type { Clock, Logger } from "@core/registry";
import type { WorkerIdentity } from "../lease/lease.ts";
import { LeaseLost } from "../lease/lease.ts";
import { parkAndWake, readyTypesOf, wakeMisconfigured } from "../delivery/parking.ts";
import { createLeaseCheck } from "./lease-check.ts";
import type { RecoveryDeps } from "./recovery.ts";
import { recoverOrphans } from "./recovery.ts";
import type { Slots } from "./slots.ts";
import type { TaskHoldings } from "./task-holdings.ts";
import { deregisterWorker, heartbeat, nextDeathInMs, registerWorker } from "../lease/worker-row.ts";
import type { WorkerAdvert } from "../lease/worker-row.ts";

/** A worker's heart: says that it lives, and notices what it has lost and what others have left behind. */
export interface Liveness {
  /** True when another worker has taken this one's name over; it then does nothing more. */
  readonly lost: boolean;
  /** @throws Error before `begin` */
  identity(): WorkerIdentity;
  /** Registers, takes over what the former life held, and begins to beat. Calling it again does nothing. */
  begin(): Promise<void>;
  /** Aborts those of its tasks that somebody has cancelled. */
  abortCancelled(): Promise<void>;
  /** Stops beating and leaves; never rejects. A `begin` that is under way is waited for. */
  end(): Promise<void>;
}

export interface LivenessOptions extends RecoveryDeps {
  readonly id: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly types: readonly string[];
  readonly heartbeatMs: number;
  readonly deadAfterMs: number;
  readonly tasks: Pick<TaskHoldings, "leases" | "holds" | "abort" | "abortAll">;
  readonly deliverySlots: Slots;
  /** Stores what its tasks say of themselves; never rejects. */
  readonly storeNotes: (worker: WorkerIdentity) => Promise<void>;
  /** Something that a dead worker held can be claimed again. */
  readonly onRecovered: () => void;
}

export function createLiveness(options: LivenessOptions): Liveness {
  const { id, store, dispatchers, clock, logger, heartbeatMs, deadAfterMs, tasks, deliverySlots } = options;
  const leases = createLeaseCheck(options);
  let worker: WorkerIdentity | null = null;
  let beginning: Promise<void> | null = null;
  let beating: Promise<void> = Promise.resolve();
  let sweeping: Promise<void> = Promise.resolve();
  let noting: Promise<void> = Promise.resolve();
  let cancelNext = (): void => {};
  let cancelSweep = (): void => {};
  let lastBeat = 0;
  let lost = false;
  let ended = false;

  return {
    get lost() {
      return lost;
    },
    identity,
    abortCancelled,
    begin: () => (beginning ??= enter().catch(forgetAndThrow)),
    async end() {
      ended = true;
      cancelNext();
      cancelSweep();
      await Promise.allSettled([beginning, beating, sweeping, noting]);
      if (worker !== null) await deregisterWorker(store, worker).catch(reportSilentLeave);
    },
  };

  function identity(): WorkerIdentity {
    if (worker === null) throw new Error(`Worker ${id} has not been started.`);
    return worker;
  }

  async function enter(): Promise<void> {
    const sentAt = clock.now();
    worker = await registerWorker(store, id, advert());
    lastBeat = sentAt;
    await wakeMisconfigured(store, readyTypesOf(dispatchers));
    await sweep();
    planNext();
  }

  async function abortCancelled(): Promise<void> {
    if (worker !== null) await leases.abortCancelled(worker);
  }

  /** A start that failed, because the database did not answer, may be tried again. */
  function forgetAndThrow(error: unknown): never {
    beginning = null;
    throw error;
  }

  function planNext(): void {
    if (ended || lost) return;
    cancelNext = clock.after(heartbeatMs, () => {
      beating = beat().finally(planNext);
      noting = noting.then(() => options.storeNotes(identity()));
      sweeping = sweeping.then(sweepQuietly);
    });
  }

  async function beat(): Promise<void> {
    const sentAt = clock.now();
    // A heartbeat that hangs is as bad as one that fails.
    const cancelWatch = clock.after(Math.max(0, lastBeat + deadAfterMs - sentAt), abortIfExpired);
    try {
      if (!(await heartbeat(store, identity(), advert()))) return takenOver();
      lastBeat = sentAt;
      await leases.dropLost(identity());
      await abortCancelled();
    } catch (error) {
      logger.error({ err: error }, "A heartbeat failed; it is tried again.");
      abortIfExpired();
    } finally {
      cancelWatch();
    }
  }

  /** When this worker counts as dead, others may run what it holds. */
  function abortIfExpired(): void {
    if (clock.now() - lastBeat >= deadAfterMs) abortEverything();
  }

  function takenOver(): void {
    lost = true;
    logger.error(
      { worker_id: id },
      "Another worker has started under this worker's id, so this one ends its work.",
    );
    abortEverything();
  }

  function reportSilentLeave(error: unknown): void {
    logger.warn({ err: error }, "The worker could not say that it leaves; others notice by its silence.");
  }

  function abortEverything(): void {
    for (const slots of [tasks, deliverySlots]) slots.abortAll(new LeaseLost(`everything of worker ${id}`));
  }

  function advert(): WorkerAdvert {
    return { taskTypes: options.types, dispatchTypes: readyTypesOf(dispatchers), deadAfterMs };
  }

  async function sweep(): Promise<void> {
    if ((await recoverOrphans(options, identity())) > 0) options.onRecovered();
    await parkAndWake(store, dispatchers);
    planSweep(await nextDeathInMs(store, identity()));
  }

  /** When another worker falls silent, what it held is taken over the moment it counts as dead. */
  function planSweep(inMs: number | null): void {
    cancelSweep();
    if (inMs === null || ended || lost) return;
    cancelSweep = clock.after(inMs + 1, () => {
      sweeping = sweeping.then(sweepQuietly);
    });
  }

  /** Beside the heartbeats, which must not wait for it however much there is to take over. */
  async function sweepQuietly(): Promise<void> {
    if (ended || lost) return;
    await sweep().catch((error: unknown) => {
      logger.warn({ err: error }, "What dead workers held could not be looked for; the next heartbeat does.");
    });
  }
}
