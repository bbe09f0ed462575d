import type { Page, QueueStats, Task, TaskInput, TaskSummary, TaskWithDeliveries } from "@core/tasks";
import type { ServedTasks } from "../http/app.ts";

/** Tasks in memory, for tests of the HTTP layer. */
export interface FakeTasks extends ServedTasks {
  /** What was stored, oldest first. */
  readonly stored: readonly Task[];
}

/** Stores every input as it is; a known idempotency key gives the same task back. */
export function createFakeTasks(): FakeTasks {
  const stored: Task[] = [];
  return {
    stored,
    async enqueue(input) {
      const known = stored.find(({ idempotency_key: key }) => key !== null && key === input.idempotency_key);
      if (known !== undefined) return { task: known, created: false };
      const task = taskOf(input, stored.length);
      stored.push(task);
      return { task, created: true };
    },
    get: async (id) => withDeliveries(stored.find((task) => task.id === id)),
    list: async ({ state } = {}) =>
      pageOf(stored.filter((task) => state === undefined || task.state === state).map(summaryOf)),
    deliveries: noDeliveries,
    schedules: noSchedules,
    cancel: async (id) => (stored.some((task) => task.id === id) ? "cancelled" : "unknown"),
    retry: async (id) => (stored.some((task) => task.id === id) ? "not_ended" : "unknown"),
    redrive: async () => 0,
    prune: async () => 0,
    stats: async () => emptyStats,
    events: { position: "fake.0", ready: async () => {}, subscribe: () => () => {}, since: () => null },
  };
}

const emptyStats: QueueStats = {
  at: new Date("2030-01-01T00:00:00Z"),
  tasks: [],
  deliveries: { pending: 0, open: 0, sending: 0, held: 0, parked: 0, dead: 0 },
  workers: [],
};

const noDeliveries: ServedTasks["deliveries"] = {
  send: () => Promise.reject(new Error("Nothing is sent here.")),
  sendMany: () => Promise.reject(new Error("Nothing is sent here.")),
  get: async () => null,
  list: async () => pageOf([]),
  retry: async () => "unknown",
  retryAll: async () => 0,
  prune: async () => 0,
};

/** There are none, and none can be made. */
const noSchedules: ServedTasks["schedules"] = {
  create: () => Promise.reject(new Error("Schedules need a real queue.")),
  get: async () => null,
  list: async () => pageOf([]),
  update: async () => null,
  pause: async () => null,
  resume: async () => null,
  runNow: async () => null,
  preview: async () => [],
  delete: async () => false,
};

function taskOf(input: TaskInput, count: number): Task {
  const now = new Date("2030-01-01T00:00:00Z");
  const empty = {
    lane: null,
    limit_key: null,
    trace_context: null,
    title: null,
    bot_id: null,
    session_id: null,
    channel_id: null,
    parent_task_id: null,
    dispatch_config: null,
    callback_config: null,
    execution_config: null,
    origin: null,
    idempotency_key: null,
    scheduled_at: null,
    started_at: null,
    finished_at: null,
    failure_code: null,
    result: null,
    payload: null,
  };
  const { strict: _strict, dedupe: _dedupe, delay_ms: _delay, ...given } = input;
  const id = `01920000-0000-7000-8000-${String(count).padStart(12, "0")}`;
  return {
    ...empty,
    id,
    root_task_id: id,
    depth: 0,
    type: "agent",
    queue: "default",
    reason: "api",
    state: "pending",
    prompt: null,
    correlation_id: "c",
    dispatch_type: "none",
    priority: 0,
    attempt: 0,
    max_attempts: 3,
    max_run_seconds: 300,
    errors: [],
    created_at: now,
    run_at: now,
    ...given,
  };
}

function summaryOf(task: Task): TaskSummary {
  const { payload: _p, dispatch_config: _d, callback_config: _c, execution_config: _e, ...rest } = task;
  const { origin: _o, trace_context: _t, result: _r, errors: _errors, ...summary } = rest;
  return summary;
}

function withDeliveries(task: Task | undefined): TaskWithDeliveries | null {
  return task === undefined ? null : { ...task, deliveries: [], progress: null, log: [] };
}

function pageOf<Item>(items: readonly Item[]): Page<Item> {
  return { items, next_cursor: null };
}
