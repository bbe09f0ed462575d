import type { CancelAnswer, Page, RetryAnswer, TaskFilter } from "@core/tasks";
import type { ServerApi } from "./server-api.ts";
import type { TaskAdmin, WireDocument, WireStats } from "./task-admin.ts";

/** How many tasks one request acts on, so that one can tell how far it is. */
const BATCH = 500;

/** Acts through the API of a running server. */
export function createRemoteTaskAdmin(api: ServerApi): TaskAdmin {
  return {
    stats: async () => (await api.get("/api/v1/tasks/stats")).body as unknown as WireStats,
    async list(filter) {
      const { body } = await api.get(`/api/v1/tasks?${queryOf(filter)}`);
      return body as unknown as Page<WireDocument>;
    },
    async show(id) {
      const { body, code } = await api.get(pathOf(id), noSuchTask);
      return code === null ? body : null;
    },
    async retry(id) {
      const { code } = await api.post(`${pathOf(id)}/retry`, {}, Object.keys(retryAnswers));
      return code === null ? "retried" : (retryAnswers[code] ?? "unknown");
    },
    async cancel(id) {
      const { body, code } = await api.post(`${pathOf(id)}/cancel`, {}, Object.keys(cancelAnswers));
      if (code !== null) return cancelAnswers[code] ?? "unknown";
      return body["answer"] === "cancelling" ? "cancelling" : "cancelled";
    },
    redrive: ({ state, until = new Date(), ...filter }, options) =>
      // What fails again meanwhile ended later, and is left alone.
      inBatches(options, async (limit) => {
        const order = { ...filter, ...(state && { status: state }), until, limit };
        const { body } = await api.post("/api/v1/tasks/redrive", order);
        return Number(body["retried"]);
      }),
    prune({ olderThanMs, states: statuses, types, ...options }) {
      const before = Date.now() - olderThanMs;
      return inBatches(options, async (limit) => {
        // What ends meanwhile ended later, and is left alone.
        const seconds = (Date.now() - before) / 1_000;
        const order = { older_than_seconds: seconds, statuses, types, limit };
        const { body } = await api.post("/api/v1/tasks/prune", order);
        return Number(body["pruned"]);
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

interface Batches {
  readonly limit?: number;
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** Acts on some tasks at a time until there are no more, and gives back how many those were. */
async function inBatches(
  { limit = Infinity, onProgress, signal }: Batches,
  act: (limit: number) => Promise<number>,
): Promise<number> {
  let done = 0;
  for (let more = true; more && done < limit && signal?.aborted !== true;) {
    const asked = Math.min(BATCH, limit - done);
    const count = await act(asked);
    done += count;
    more = count === asked;
    if (count > 0) onProgress?.(done);
  }
  return done;
}

const noSuchTask = ["TASK_NOT_FOUND", "TASK_ID_INVALID"];

const retryAnswers: Readonly<Record<string, RetryAnswer>> = {
  TASK_NOT_FOUND: "unknown",
  TASK_ID_INVALID: "unknown",
  TASK_NOT_ENDED: "not_ended",
  TASK_COMPLETE: "complete",
};

const cancelAnswers: Readonly<Record<string, CancelAnswer>> = {
  TASK_NOT_FOUND: "unknown",
  TASK_ID_INVALID: "unknown",
  TASK_ENDED: "ended",
};

function pathOf(id: string): string {
  return `/api/v1/tasks/${encodeURIComponent(id)}`;
}

function queryOf({ state, ...filter }: TaskFilter): string {
  const given = Object.entries({ status: state, ...filter }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : String(value)]],
  );
  return new URLSearchParams(given).toString();
}
