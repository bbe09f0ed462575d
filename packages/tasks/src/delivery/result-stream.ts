import type {
  Clock,
  DeliveryContext,
  Dispatcher,
  DispatcherRegistry,
  Logger,
  StreamSink,
} from "@core/registry";
import { parseTarget, readStoredTarget } from "@core/registry";
import type { Store } from "../store/store.ts";
import type { ClaimedTask } from "../task/claimed-task.ts";
import type { ResolveBot } from "./delivery-run.ts";
import { openDelivery, storeOpenPart } from "./open-delivery.ts";

export interface ResultStreamDeps {
  readonly store: Store;
  readonly dispatchers: DispatcherRegistry;
  readonly resolveBot: ResolveBot;
  readonly clock: Clock;
}

/** What the run of a task lends to its stream. */
interface StreamedRun {
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export type OpenResultStream = (claimed: ClaimedTask, run: StreamedRun) => StreamSink;

/**
 * Shows the results of running tasks while they grow. A delivery is entered with the first text, unless its dispatcher
 * has no `stream`, or not to its target. No run fails by it: what goes wrong is logged, and the whole result is delivered
 * all the same.
 */
export function createResultStreams(deps: ResultStreamDeps): OpenResultStream {
  return (claimed, run) => {
    const { dispatch_type: type } = claimed.task;
    const dispatcher = deps.dispatchers.get(type);
    if (type === "none" || dispatcher.stream === undefined) return NOWHERE;
    return createLateSink(() => openSink(dispatcher, claimed, run, deps), run.logger);
  };
}

const NOWHERE: StreamSink = { append: () => {}, finish: () => Promise.resolve() };

/** Keeps what is appended until the sink is there. */
function createLateSink(open: () => Promise<StreamSink>, logger: Logger): StreamSink {
  let early = "";
  let sink: StreamSink | null = null;
  let opening: Promise<void> | null = null;
  const guarded = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn({ err: error }, "The growing result is not shown; it is delivered when it is whole.");
      sink = NOWHERE;
    }
  };
  return {
    append(text) {
      if (sink !== null) return void guarded(() => sink?.append(text));
      early += text;
      opening ??= guarded(async () => {
        const opened = await open();
        opened.append(early);
        sink = opened;
      });
    },
    async finish() {
      await opening;
      await guarded(() => sink?.finish());
    },
  };
}

async function openSink(
  dispatcher: Dispatcher,
  claimed: ClaimedTask,
  { signal, logger }: StreamedRun,
  { store, dispatchers, resolveBot, clock }: ResultStreamDeps,
): Promise<StreamSink> {
  const { task, lease } = claimed;
  const read = claimed.target.isChecked ? readStoredTarget : parseTarget;
  const target = await read(dispatcher, task.dispatch_config);
  if (!target.ok || dispatcher.streamsTo?.(target.target) === false) return NOWHERE;
  const open = await openDelivery(store, dispatchers, claimed);
  if (open === null) return NOWHERE;
  const bot = task.bot_id === null ? null : await resolveBot(task.bot_id);
  const context: DeliveryContext = {
    signal,
    logger: logger.child({ delivery_id: open.id }),
    clock,
    partSent: (part) => storeOpenPart(store, lease, open.id, part),
  };
  const { id, sent_parts } = open;
  const { dispatch_type, origin } = task;
  const known = { id, dispatch_type, target: target.target, bot, origin, sent_parts, task_id: task.id };
  return dispatcher.stream?.({ ...known, created_at: task.created_at.toISOString() }, context) ?? NOWHERE;
}
