import type { Clock, Logger } from "@core/registry";
import type { WorkerIdentity } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { Exchange } from "../task/exchange.ts";
import { claimedEnd, exchange } from "../task/exchange.ts";
import { handedBack } from "../task/task-end.ts";
import type { Settled, SettledListener, TaskEnd } from "../task/task-end.ts";
import type { NewTask } from "../task/task-row.ts";
import type { RunOutcome } from "../task/task-run.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";
import { createAlarm } from "./alarm.ts";
import { createCarrier } from "./carrier.ts";
import { createClaimPlan } from "./claim-plan.ts";
import { createDemand } from "./demand.ts";
import type { PendingEnd } from "./end-queue.ts";
import { createEndQueue, mayFreeOthers } from "./end-queue.ts";
import { createFlights } from "./flights.ts";
import { createGivenUp } from "./given-up.ts";
import { createPrefetch } from "./prefetch.ts";
import type { LocalWorker } from "./local-workers.ts";
import { createReadyLimit } from "./ready-limit.ts";
import type { TaskRunsOptions } from "./task-runs.ts";
import { createTaskRuns } from "./task-runs.ts";
import type { TaskHoldings } from "./task-holdings.ts";
import { createTaskHoldings } from "./task-holdings.ts";
import type { WorkerSettings } from "./worker-options.ts";

/** Claims tasks, runs them and stores their ends. */
export interface TaskEngine extends Pick<
  TaskHoldings,
  "leases" | "holds" | "abort" | "abortAll" | "idle" | "size"
> {
  /** Claims once what there is room for; gives back how many that were. */
  claim(): Promise<number>;
  /** Stores new tasks in the call that claims them, if it is idle and they are for it. */
  carry: LocalWorker["carry"];
  /** From now on it claims by itself, whenever there is room and a reason to look. */
  run(): void;
  /** There may be something to claim; with a delay, a planned task at that time. */
  look(inMs?: number): void;
  /** Looks for planned tasks whose time has come as well. */
  lookForAll(): void;
  /** Looks for what others have given back as well, which may be older than what it has claimed. */
  lookBehind(): void;
  /** Resolves when what is being claimed now has arrived; false: there was nothing to wait for. */
  arrived(): Promise<boolean>;
  /** Gives back, once this worker counts as gone, those whose handlers went on although they were told to end. */
  handBackGivenUp(): Promise<void>;
  /** Claims no more, and gives back what has not begun. */
  leave(): void;
}

export interface TaskEngineOptions
  extends Omit<TaskRunsOptions, "push">, Pick<WorkerSettings, "queues" | "concurrency"> {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: () => WorkerIdentity;
  readonly hopeless: () => boolean;
  /** A lane or a limit may have room for a task of another worker. */
  readonly onFreed: () => void;
  readonly onSettled: SettledListener;
  readonly reporter: Pick<TaskReporter, "claimed" | "stored">;
}

const NOTHING: Exchange = { stored: null, claimed: [], settled: new Map(), nextInMs: null };

export function createTaskEngine(options: TaskEngineOptions): TaskEngine {
  const { store, handlers, queues, concurrency, clock, logger, identity, onSettled, reporter } = options;
  const types = Object.keys(handlers);
  const flights = createFlights(store.database.engine === "pglite" ? 1 : 2, sendWhatThereIs);
  const prefetch = createPrefetch(concurrency);
  const ends = createEndQueue({ ...options, onReady: flights.plan, onSettled: settle });
  const runs = createTaskRuns({ ...options, push });
  const holdings = createTaskHoldings({
    places: concurrency,
    start: runs.start,
    onEnd,
    now: () => clock.now(),
  });
  const demand = createDemand(concurrency, prefetch, holdings);
  const plan = createClaimPlan({ queues, types, demand, clock });
  let mode: "on call" | "running" | "leaving" = "on call";
  const givenUp = createGivenUp(options);
  const carry = createCarrier({
    queues,
    types,
    concurrency,
    isIdle: () => mode === "running" && holdings.size + ends.size === 0 && flights.isEmpty,
    send: (news) => flights.start(() => send(demand.size(), news)),
    onFailed: look,
  });
  const alarm = createAlarm(clock, lookForAll);
  const readyLimit = createReadyLimit(clock, holdings, (late) => {
    prefetch.waitedTooLong();
    for (const one of late) handBack(one);
  });

  return {
    ...holdings,
    // Those that were given up are still in its hand until it counts as gone.
    holds: (lease) => holdings.holds(lease) || givenUp.holds(lease),
    get size() {
      return holdings.size;
    },
    async idle() {
      do await holdings.idle();
      while ((await flights.landed()) || holdings.size > 0);
    },
    claim() {
      plan.wake();
      return flights.start(async () => (await send(mode === "leaving" ? 0 : demand.size())).claimed.length);
    },
    carry,
    run() {
      mode = "running";
      lookForAll();
    },
    look,
    lookForAll,
    lookBehind() {
      plan.lookBehind();
      lookForAll();
    },
    arrived: flights.landed,
    handBackGivenUp: givenUp.handBack,
    leave() {
      mode = "leaving";
      alarm.cancel();
      readyLimit.stop();
      for (const one of holdings.takeReady()) handBack(one);
    },
  };

  function look(inMs = 0): void {
    if (mode !== "running") return;
    if (inMs > 0) return alarm.setIn(inMs);
    plan.look();
    flights.plan();
  }

  function lookForAll(): void {
    plan.wake();
    look();
  }

  function onEnd(claimed: ClaimedTask, outcome: RunOutcome, tookMs: number): void {
    if (outcome.kind !== "aborted") prefetch.ran(tookMs);
    else if (outcome.isGivenUp && outcome.reason.code === "WORKER_STOPPING") {
      givenUp.add(claimed);
      runs.forget(claimed, outcome, tookMs);
      return holdings.release(claimed.lease);
    }
    runs.end(claimed, outcome, tookMs);
  }

  function push(pending: PendingEnd): void {
    ends.push(pending);
    if (pending.end.state === "pending") look(pending.end.delay_ms);
    if (pending.claimed.isLimited) look();
  }

  function handBack(claimed: ClaimedTask): void {
    push(claimedEnd(claimed, handedBack(claimed)));
  }

  function settle(claimed: ClaimedTask, settled: Settled, end: TaskEnd): void {
    holdings.release(claimed.lease);
    onSettled(claimed, settled, end);
  }

  function sendWhatThereIs(): void {
    const wanted = mode === "running" && types.length > 0 ? plan.wanted() : 0;
    if (wanted > 0 || ends.size > 0) void flights.start(() => send(wanted)).catch(reportFailure);
  }

  async function send(wanted: number, news: readonly NewTask[] = []): Promise<Exchange> {
    const batch = ends.take();
    const limit = types.length === 0 || batch.isPatient ? 0 : Math.max(wanted, 0);
    if (limit === 0 && batch.ends.length === 0) return NOTHING;
    const claim = plan.next(limit);
    flights.plan();
    try {
      const answer = await exchange(store, { worker: identity(), news, ...batch, ...claim });
      plan.answered(limit, answer.claimed);
      if (answer.nextInMs !== null) look(Math.max(answer.nextInMs, 1));
      ends.stored(batch, answer.settled);
      if (batch.ends.some(mayFreeOthers)) {
        plan.look();
        options.onFreed();
      }
      if (answer.stored !== null) reporter.stored(news, answer.stored);
      take(answer.claimed);
      return answer;
    } catch (error) {
      plan.failed(limit);
      ends.failed(batch, error);
      if (limit > 0) throw error;
      return NOTHING;
    }
  }

  function take(claimed: readonly ClaimedTask[]): void {
    reporter.claimed(claimed);
    if (mode !== "leaving") {
      holdings.add(claimed);
      return readyLimit.watch();
    }
    holdings.addUnstarted(claimed);
    for (const one of claimed) handBack(one);
  }

  function reportFailure(error: unknown): void {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
  }
}
