import type { Clock, Logger } from "@core/registry";
import type { WorkerIdentity } from "../lease/lease.ts";
import { leaseKey } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { EndOfRunDeps } from "../task/end-of-run.ts";
import { endOfRun } from "../task/end-of-run.ts";
import type { Exchange } from "../task/exchange.ts";
import { exchange } from "../task/exchange.ts";
import { failed, handedBack } from "../task/task-end.ts";
import type { Settled, TaskEnd } from "../task/task-end.ts";
import { resultRefused } from "../task/task-failure.ts";
import type { NewTask } from "../task/task-row.ts";
import type { RunOutcome } from "../task/task-run.ts";
import { startRun } from "../task/task-run.ts";
import { createAlarm } from "./alarm.ts";
import { createClaimPlan } from "./claim-plan.ts";
import { createDemand } from "./demand.ts";
import { createEndQueue } from "./end-queue.ts";
import { createFlights } from "./flights.ts";
import { createPrefetch } from "./prefetch.ts";
import type { Carried, LocalWorker } from "./local-workers.ts";
import { createReadyLimit } from "./ready-limit.ts";
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
  extends EndOfRunDeps, Pick<WorkerSettings, "handlers" | "queues" | "concurrency"> {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: () => WorkerIdentity;
  readonly hopeless: () => boolean;
  /** A lane or a limit may have room for a task of another worker. */
  readonly onFreed: () => void;
  readonly onSettled: (claimed: ClaimedTask, settled: Settled) => void;
}

const NOTHING: Exchange = { stored: null, claimed: [], settled: new Map(), nextInMs: null };

export function createTaskEngine(options: TaskEngineOptions): TaskEngine {
  const { store, handlers, queues, concurrency, clock, logger, identity, onSettled } = options;
  const types = Object.keys(handlers);
  const flights = createFlights(store.database.engine === "pglite" ? 1 : 2, sendWhatThereIs);
  const prefetch = createPrefetch(concurrency);
  const ends = createEndQueue({ ...options, onReady: flights.plan, onSettled: settle });
  const holdings = createTaskHoldings({ places: concurrency, start, onEnd, now: () => clock.now() });
  const demand = createDemand(concurrency, prefetch, holdings);
  const plan = createClaimPlan({ queues, types, demand, clock });
  let mode: "on call" | "running" | "leaving" = "on call";
  const givenUp: ClaimedTask[] = [];
  const alarm = createAlarm(clock, lookForAll);
  const readyLimit = createReadyLimit(clock, holdings, (late) => {
    prefetch.waitedTooLong();
    for (const one of late) push(one, handedBack(one));
  });

  return {
    ...holdings,
    // Those that were given up are still in its hand until it counts as gone.
    holds: (lease) => holdings.holds(lease) || givenUp.some((one) => leaseKey(one.lease) === leaseKey(lease)),
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
    carry(news) {
      const isIdle = mode === "running" && holdings.size + ends.size === 0 && flights.isEmpty;
      return isIdle && news.length <= concurrency && news.every(isForUs)
        ? flights.start(() => bring(news))
        : null;
    },
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
    async handBackGivenUp() {
      const rest = givenUp.splice(0);
      const returned = rest.map((one) => ({ end: handedBack(one), lane: one.task.lane }));
      if (returned.length === 0) return;
      const { settled } = await exchange(store, { worker: identity(), ends: returned });
      for (const one of rest) onSettled(one, settled.get(one.task.id) ?? null);
    },
    leave() {
      mode = "leaving";
      alarm.cancel();
      readyLimit.stop();
      for (const one of holdings.takeReady()) push(one, handedBack(one));
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

  function start({ task }: ClaimedTask): ReturnType<typeof startRun> {
    const handler = handlers[task.type];
    if (handler === undefined) throw new Error(`There is no handler for type "${task.type}".`);
    return startRun(task, handler, options);
  }

  function onEnd(claimed: ClaimedTask, outcome: RunOutcome, tookMs: number): void {
    if (outcome.kind !== "aborted") prefetch.ran(tookMs);
    else if (outcome.isGivenUp && outcome.reason.code === "WORKER_STOPPING") {
      givenUp.push(claimed);
      return holdings.release(claimed.lease);
    }
    const end = endOfRun(options, claimed, outcome);
    const { backoff } = options.settingsOf(claimed.task.type);
    const instead = (error: unknown): TaskEnd => failed(options, claimed, resultRefused(error), backoff);
    push(claimed, end, outcome.kind === "result" ? instead : undefined);
  }

  function push(claimed: ClaimedTask, end: TaskEnd, instead?: (error: unknown) => TaskEnd): void {
    ends.push({ claimed, end, lane: claimed.task.lane, ...(instead && { instead }) });
    if (end.state === "pending") look(end.delay_ms);
    if (claimed.isLimited) look();
  }

  function settle(claimed: ClaimedTask, settled: Settled): void {
    holdings.release(claimed.lease);
    onSettled(claimed, settled);
  }

  function sendWhatThereIs(): void {
    const wanted = mode === "running" && types.length > 0 ? plan.wanted() : 0;
    if (wanted > 0 || ends.size > 0) void flights.start(() => send(wanted)).catch(reportFailure);
  }

  function isForUs({ type, queue }: NewTask): boolean {
    return types.includes(type) && queues.includes(queue);
  }

  async function bring(news: readonly NewTask[]): Promise<Carried> {
    try {
      const { stored, claimed } = await send(demand.size(), news);
      if (stored === null) throw new Error("The database did not say when it stored the new tasks.");
      const ids = new Set(claimed.map(({ task }) => task.id));
      return { stored, isSomeLeft: news.some(({ id }) => !ids.has(id)) };
    } catch (error) {
      // The new tasks may be at fault, and others wait.
      look();
      throw error;
    }
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
      if (batch.ends.some(({ lane }) => lane !== null)) plan.look();
      ends.stored(batch, answer.settled);
      if (batch.ends.some(({ lane, claimed }) => lane !== null || claimed.isLimited)) options.onFreed();
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
    if (mode !== "leaving") {
      holdings.add(claimed);
      return readyLimit.watch();
    }
    holdings.addUnstarted(claimed);
    for (const one of claimed) push(one, handedBack(one));
  }

  function reportFailure(error: unknown): void {
    logger.error({ err: error }, "A round of the worker failed; it goes on.");
  }
}
