import { createBatcher } from "../store/batcher.ts";
import { isRefusal } from "../store/database-fault.ts";
import type { ClaimedDelivery } from "../delivery/delivery-claim.ts";
import { claimDeliveries } from "../delivery/delivery-claim.ts";
import type { DeliveryRunDeps } from "../delivery/delivery-run.ts";
import { runDelivery, storeEnd } from "../delivery/delivery-run.ts";
import type { DeliveryEnd, TargetJudgement } from "../delivery/delivery-settlement.ts";
import { givenBack, holdOf, settleDeliveries } from "../delivery/delivery-settlement.ts";
import { readyTypesOf } from "../delivery/parking.ts";
import { ABORT_GRACE_MS } from "../lease/abort-grace.ts";
import type { WorkerIdentity } from "../lease/lease.ts";
import { createAlarm } from "./alarm.ts";
import { createDeliveryPlaces } from "./delivery-places.ts";
import { createFlights } from "./flights.ts";
import { createPrefetch } from "./prefetch.ts";
import type { Slots } from "./slots.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** Claims deliveries, has their attempts made and stores what came of them. */
export interface DeliveryEngine {
  /** Claims once what there is room for; gives back how many that were. */
  claim(): Promise<number>;
  /** From now on it claims by itself, whenever there is room and a reason to look. */
  run(): void;
  /** There may be something to claim. */
  look(): void;
  /** Resolves when what is being claimed now has arrived. */
  landed(): Promise<unknown>;
  /** Claims no more, and gives back what has not begun. */
  leave(): void;
}

export interface DeliveryEngineOptions
  extends
    Omit<DeliveryRunDeps, "timeoutMs" | "settle" | "onAttempted">,
    Pick<WorkerSettings, "deliveryConcurrency" | "deliveriesPerTarget" | "deliveryTimeoutMs"> {
  /** What is in hand, from its claim until its end is stored. */
  readonly slots: Slots;
  readonly identity: () => WorkerIdentity;
  /** True when nothing more may be claimed. */
  readonly isLeaving: () => boolean;
}

/** A batch that takes longer does not keep the next one from going. */
const PATIENCE_MS = 1_000;
/** In one statement. */
const MOST = 200;
/** One in so many claims looks how much stands in its way. */
const TIDIES = 16;
/** Claimed ahead is at most what the places take in so many rounds. */
const MOST_ROUNDS = 8;

export function createDeliveryEngine(options: DeliveryEngineOptions): DeliveryEngine {
  const { store, dispatchers, slots, identity, clock, logger } = options;
  const { deliveryConcurrency: count, deliveriesPerTarget: share, deliveryTimeoutMs } = options;
  const flights = createFlights(1, claimIfWanted);
  const places = createDeliveryPlaces({ places: count, share, clock });
  const prefetch = createPrefetch(count);
  const alarm = createAlarm(clock, look);
  const ends = createBatcher<DeliveryEnd, boolean>({
    flush: storeEnds,
    maxItems: MOST,
    maxInFlight: 1,
    patienceMs: PATIENCE_MS,
    clock,
    isItemFault: isRefusal,
  });
  let mode: "on call" | "running" | "leaving" = "on call";
  let isWanted = false;
  let claims = 0;
  /** Some were left behind when the last claim was made. */
  let hasMore = false;

  return {
    claim: () => flights.start(claim),
    run() {
      mode = "running";
      look();
    },
    look,
    landed: flights.landed,
    leave() {
      mode = "leaving";
      alarm.cancel();
      places.close();
    },
  };

  function look(): void {
    isWanted = true;
    flights.plan();
  }

  function claimIfWanted(): void {
    if (mode !== "running" || !isWanted || !isWorthAsking()) return;
    isWanted = false;
    void flights.start(claim).catch((error: unknown) => {
      logger.error({ err: error }, "A round of the worker failed; it goes on.");
    });
  }

  async function claim(): Promise<number> {
    const types = readyTypesOf(dispatchers);
    const ahead = aheadOf(types);
    const limit = Math.min(count + ahead - places.running - places.next, MOST);
    if (mode === "leaving" || options.isLeaving() || limit <= 0 || types.length === 0) return 0;
    const most = share + Math.ceil((ahead * share) / count);
    const rooms = places.rooms(most);
    const probeMs = deliveryTimeoutMs + ABORT_GRACE_MS;
    const stuck = places.stuck();
    claims += 1;
    const tidy = claims % TIDIES === 0;
    const request = { worker: identity(), types, limit, share: most, rooms, stuck, tidy, probeMs };
    const { claimed, hasMore: more, nextInMs } = await claimDeliveries(store, request);
    hasMore = more;
    if (claimed.length === limit) look();
    if (nextInMs !== null) planLook(nextInMs);
    for (const one of claimed) slots.start(one.lease, (signal) => handle(one, signal));
    return claimed.length;
  }

  /**
   * What is claimed ahead and lost in a crash counts as perhaps sent, which costs nothing only where receivers drop
   * duplicates.
   */
  function aheadOf(types: readonly string[]): number {
    const isSafe = types.every((type) => dispatchers.get(type).idempotent === true);
    return isSafe ? Math.min(prefetch.size(), count * MOST_ROUNDS) : 0;
  }

  function isWorthAsking(): boolean {
    const inHand = places.running + places.next;
    return inHand < count || places.next <= aheadOf(readyTypesOf(dispatchers)) / 2;
  }

  async function handle(claimed: ClaimedDelivery, signal: AbortSignal): Promise<void> {
    const { target_key: target, order_key: line } = claimed.row;
    const entry = await places.enter(target, signal);
    if (!entry.may) {
      return storeEnd(claimed.row, givenBack(claimed.lease, entry.backInMs), null, { ...options, settle });
    }
    options.reporter.delivery(claimed.row, "sending");
    const begun = clock.now();
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      places.leave(target);
      if (hasMore) look();
      flights.plan();
    };
    let letGo = (): void => {};
    await runDelivery(claimed, signal, {
      ...options,
      timeoutMs: deliveryTimeoutMs,
      settle,
      onAttempted(outcome) {
        prefetch.ran(clock.now() - begun);
        const holdMs = holdOf(outcome);
        if (holdMs > 0) letGo = places.hold(target, holdMs);
        leave();
      },
    });
    leave();
    places.stored();
    void afterClaims(letGo);
    // The next one in its line may go.
    if (line !== null) look();
  }

  async function settle(end: DeliveryEnd): Promise<boolean> {
    const isWritten = await ends.add(end);
    const delayMs = end.state === "pending" ? Number(end.more?.["delay_ms"] ?? 0) : null;
    if (delayMs !== null) planLook(delayMs);
    return isWritten;
  }

  async function storeEnds(batch: readonly DeliveryEnd[]): Promise<readonly boolean[]> {
    const { written, judged } = await settleDeliveries(store, identity(), batch);
    for (const one of judged) tellOf(one);
    return batch.map(({ id }) => written.has(id));
  }

  function tellOf({ target_key, failures, hold_ms, opened, closed }: TargetJudgement): void {
    if (hold_ms > 0) void afterClaims(places.hold(target_key, hold_ms));
    else look();
    if (closed === true) {
      logger.info({ target_key }, "A target answers again; its deliveries go on.");
    } else if (opened === true) {
      const about = { target_key, failures, for_ms: hold_ms };
      logger.warn(about, "A target fails again and again; it is left alone for a while and then tried once.");
    }
  }

  /** What the database knows keeps later claims from a target; those under way may not have seen it yet. */
  async function afterClaims(letGo: () => void): Promise<void> {
    await flights.landed();
    letGo();
  }

  function planLook(inMs: number): void {
    if (mode === "running") alarm.setIn(Math.max(inMs, 1));
  }
}
