import type { Clock, Logger } from "@core/registry";
import type { Lease, WorkerIdentity } from "../lease/lease.ts";
import { leaseKey } from "../lease/lease.ts";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { Note } from "./note.ts";
import type { TaskLogLine, TaskProgress } from "./task-event.ts";
import type { TaskReporter } from "./task-reporter.ts";

/** What the runs of a worker say of themselves, until it is stored and told. */
export interface RunNotes {
  add(claimed: ClaimedTask, note: Note): void;
  /** What is not stored yet of a run that has ended, for its end; undefined: nothing. */
  take(lease: Lease): UnstoredNotes | undefined;
  /** Stores what all runs have said, as far as their leases hold; what could not be stored comes again. Never rejects. */
  store(worker: WorkerIdentity): Promise<void>;
}

/** Only what there is. */
export interface UnstoredNotes {
  readonly progress?: TaskProgress;
  readonly log?: readonly TaskLogLine[];
}

export interface RunNotesOptions {
  readonly store: Store;
  readonly reporter: Pick<TaskReporter, "said">;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Pending {
  readonly claimed: ClaimedTask;
  n: number;
  progress: TaskProgress | null;
  log: TaskLogLine[];
  /** What listeners have not been told. */
  untold: (TaskProgress | TaskLogLine)[];
}

/** As many lines as a task keeps. */
const MOST_LINES = 100;
/** What is said within this time is told together, and only the newest progress of it. */
const TOLD_AFTER_MS = 100;

export function createRunNotes({ store, reporter, clock, logger }: RunNotesOptions): RunNotes {
  const runs = new Map<string, Pending>();
  let isTelling = false;

  return {
    add(claimed, note) {
      const key = leaseKey(claimed.lease);
      const run = runs.get(key) ?? { claimed, n: 0, progress: null, log: [], untold: [] };
      runs.set(key, run);
      run.n += 1;
      const said = { run: claimed.lease.fence, n: run.n, at: new Date(clock.now()).toISOString() };
      if ("fraction" in note) {
        run.progress = { ...note, ...said };
        run.untold = [...run.untold.filter((one) => !("fraction" in one)), run.progress];
      } else {
        const line = { ...note, ...said };
        run.log = newest([...run.log, line]);
        run.untold = newest([...run.untold, line]);
      }
      planTelling();
    },
    take(lease) {
      const run = runs.get(leaseKey(lease));
      if (run === undefined) return undefined;
      runs.delete(leaseKey(lease));
      tell(run);
      return isStored(run) ? undefined : unstored(run);
    },
    async store(worker) {
      const pending = [...runs.values()].filter((run) => !isStored(run));
      if (pending.length === 0) return;
      const sent = pending.map(sending);
      try {
        await store.run(`select ${store.name("note_1")}($1::text, $2::bigint, $3::text::json)`, [
          worker.id,
          worker.epoch,
          JSON.stringify(sent.map(({ row }) => row)),
        ]);
      } catch (error) {
        logger.warn({ err: error }, "What tasks said of themselves could not be stored; it is tried again.");
        for (const { putBack } of sent) putBack();
      }
    },
  };

  function planTelling(): void {
    if (isTelling) return;
    isTelling = true;
    clock.after(TOLD_AFTER_MS, () => {
      isTelling = false;
      for (const run of runs.values()) tell(run);
    });
  }

  function tell(run: Pending): void {
    if (run.untold.length === 0) return;
    const untold = run.untold;
    run.untold = [];
    reporter.said(run.claimed, untold);
  }
}

/** Takes out what is to be stored. If the run ends before that has failed, its end does not bring it again. */
function sending(run: Pending): { readonly row: unknown; readonly putBack: () => void } {
  const { progress, log, claimed } = run;
  const notes = unstored(run);
  run.progress = null;
  run.log = [];
  const { id, fence } = claimed.lease;
  return {
    row: { id, fence, ...notes },
    putBack() {
      run.progress ??= progress;
      run.log = newest([...log, ...run.log]);
    },
  };
}

function unstored({ progress, log }: Pending): UnstoredNotes {
  return { ...(progress && { progress }), ...(log.length > 0 && { log }) };
}

function isStored({ progress, log }: Pending): boolean {
  return progress === null && log.length === 0;
}

function newest<Line>(lines: readonly Line[]): Line[] {
  return lines.slice(-MOST_LINES);
}
