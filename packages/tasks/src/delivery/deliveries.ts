import type { Database } from "@core/database";
import type { Clock, DispatcherRegistry } from "@core/registry";
import type { DeliveryRetryAnswer, DeliveryRetryFilter, DeliveryRetryOptions } from "./delivery-decisions.ts";
import { retryDeliveries, retryDelivery } from "./delivery-decisions.ts";
import type { DeliveryInput, DeliveryMessage, DeliveryTarget } from "./delivery-input.ts";
import type { DeliveryPruneOptions } from "./delivery-pruning.ts";
import { pruneDeliveries } from "./delivery-pruning.ts";
import { listDeliveries, readDelivery } from "./delivery-reader.ts";
import type { DeliveryFilter, DeliveryRecord } from "./delivery-record.ts";
import type { DeliveryReceipt } from "./delivery-sender.ts";
import { planDeliveries, storeDeliveries } from "./delivery-sender.ts";
import type { Page } from "../store/page.ts";
import type { OwnTransaction } from "../store/sql-runner.ts";
import { ownRunner } from "../store/sql-runner.ts";
import type { Store } from "../store/store.ts";
import type { TaskReporter } from "../watch/task-reporter.ts";

/** The outbox: what is to be sent, and what became of it. */
export interface Deliveries {
  /**
   * Stores a delivery of anything; when the promise resolves without `trx` or `client`, it survives a crash. The same
   * kind, source and target give the same delivery back, whatever else differs.
   * @throws TasksError DELIVERY_INVALID, DISPATCH_TYPE_UNKNOWN, DISPATCH_TARGET_INVALID
   */
  send(input: DeliveryInput, options?: OwnTransaction): Promise<DeliveryReceipt>;
  /** Stores one message for all of many targets or for none, its payload once. @throws as `send` */
  sendMany(
    message: DeliveryMessage,
    targets: readonly DeliveryTarget[],
    options?: OwnTransaction,
  ): Promise<readonly DeliveryReceipt[]>;
  get(id: string): Promise<DeliveryRecord | null>;
  /** Newest first. @throws TasksError CURSOR_INVALID */
  list(filter?: DeliveryFilter): Promise<Page<DeliveryRecord>>;
  /** Sends one again that is dead, held or parked, with all its attempts; or counts a held one as delivered. */
  retry(id: string, options?: DeliveryRetryOptions): Promise<DeliveryRetryAnswer>;
  /** Sends all of a selection again, those that are dead unless it says otherwise; returns how many. */
  retryAll(filter?: DeliveryRetryFilter): Promise<number>;
  /** Removes old ones that have been delivered or skipped, and dead ones if told so. @throws TasksError OPTIONS_INVALID */
  prune(options: DeliveryPruneOptions): Promise<number>;
}

export interface DeliveriesDeps {
  readonly database: Pick<Database, "assertOutside">;
  readonly store: Store;
  readonly dispatchers: DispatcherRegistry;
  readonly clock: Clock;
  readonly reporter: Pick<TaskReporter, "sent" | "sentWithin">;
  /** There may be something to deliver. */
  readonly tellWorkers: () => void;
}

export function createDeliveries(deps: DeliveriesDeps): Deliveries {
  const { store, dispatchers, clock, reporter, tellWorkers } = deps;

  return {
    async send({ kind, source_id, payload, task_id, bot_id, origin, ...target }, options) {
      const more = {
        ...(task_id !== undefined && { task_id }),
        ...(bot_id !== undefined && { bot_id }),
        ...(origin !== undefined && { origin }),
      };
      const [receipt] = await sendMany({ kind, source_id, payload, ...more }, [target], options);
      return receipt as DeliveryReceipt;
    },
    sendMany,
    get: (id) => readDelivery(store.db, id),
    list: (filter = {}) => listDeliveries(store.db, filter),
    async retry(id, options = {}) {
      const answer = await retryDelivery(store, id, options);
      if (answer === "pending" || answer === "delivered") tellWorkers();
      return answer;
    },
    retryAll: (filter = {}) => retryDeliveries(store, filter, tellWorkers),
    prune: (options) => pruneDeliveries(store, clock, options),
  };

  async function sendMany(
    message: DeliveryMessage,
    targets: readonly DeliveryTarget[],
    own: OwnTransaction = {},
  ): Promise<readonly DeliveryReceipt[]> {
    const run = ownRunner(own);
    if (run === null) deps.database.assertOutside();
    const planned = await planDeliveries(dispatchers, message, targets);
    const receipts = await storeDeliveries(store, run ?? store.run, message, planned);
    if (run !== null) {
      await reporter.sentWithin(run, receipts);
      return receipts;
    }
    reporter.sent(receipts);
    if (receipts.some(({ created }) => created)) tellWorkers();
    return receipts;
  }
}
