import type { Exchange } from "../task/exchange.ts";
import type { NewTask } from "../task/task-row.ts";
import type { Carried, LocalWorker } from "./local-workers.ts";
import type { WorkerSettings } from "./worker-options.ts";

export interface CarrierOptions extends Pick<WorkerSettings, "queues" | "concurrency"> {
  readonly types: readonly string[];
  /** Nothing is in hand and nothing under way. */
  readonly isIdle: () => boolean;
  /** Stores new tasks in a call that claims as well. */
  readonly send: (news: readonly NewTask[]) => Promise<Exchange>;
  readonly onFailed: () => void;
}

/** Takes new tasks of its own process along when an idle worker would look for them at once anyway. */
export function createCarrier(options: CarrierOptions): LocalWorker["carry"] {
  const { types, queues, concurrency, isIdle, send, onFailed } = options;

  return (news) => {
    if (news.length > concurrency || !isIdle() || !news.every(isForUs)) return null;
    return bring(news);
  };

  function isForUs({ type, queue }: NewTask): boolean {
    return types.includes(type) && queues.includes(queue);
  }

  async function bring(news: readonly NewTask[]): Promise<Carried> {
    try {
      const { stored, claimed } = await send(news);
      if (stored === null) throw new Error("The database did not say when it stored the new tasks.");
      const ids = new Set(claimed.map(({ task }) => task.id));
      return { stored, isSomeLeft: news.some(({ id }) => !ids.has(id)) };
    } catch (error) {
      // The new tasks may be at fault, and others wait.
      onFailed();
      throw error;
    }
  }
}
