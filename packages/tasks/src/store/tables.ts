import type {
  DeliveryKind,
  ExecutionConfig,
  JsonObject,
  JsonValue,
  Origin,
  ReceiverAnswer,
  SentPart,
} from "@core/registry";
import type { Generated } from "kysely";
import type { DeliveryFailure, DeliveryState, ParkReason } from "../delivery/delivery-record.ts";
import type { LimitScope, LimitStrategy } from "../limit/limit.ts";
import type { RetryPolicyName } from "../retry-policy.ts";
import type { ScheduleRow } from "../schedule/schedule.ts";
import type { FailureCode, TaskError, TaskReason, TaskState, TraceContext } from "../task/task.ts";
import type { TaskLogLine, TaskProgress } from "../watch/task-event.ts";

/** The tables of this package, as Kysely sees them. */
export interface TasksTables {
  task: TaskTable;
  task_body: TaskBodyTable;
  body: BodyTable;
  delivery: DeliveryTable;
  delivery_target: DeliveryTargetTable;
  worker: WorkerTable;
  task_limit: TaskLimitTable;
  task_pause: TaskPauseTable;
  task_dedupe: TaskDedupeTable;
  schedule: ScheduleRow;
}

/** The narrow row that claims and state changes touch. */
export interface TaskTable {
  id: string;
  seq: Generated<number>;
  type: string;
  queue: string;
  lane: string | null;
  limit_key: string | null;
  reason: TaskReason;
  state: TaskState;
  /**
   * Where a pending task stands: its turn is `now`, or as its limits allow (`limited`), or it waits in the `line` of
   * its lane, or for the time it is `planned` for.
   */
  turn: "now" | "limited" | "line" | "planned";
  failure_code: FailureCode | null;
  title: string | null;
  bot_id: string | null;
  session_id: string | null;
  channel_id: string | null;
  parent_task_id: string | null;
  root_task_id: string | null;
  depth: Generated<number>;
  /** Null: its own id. */
  correlation_id: string | null;
  dispatch_type: string;
  priority: number;
  attempt: number;
  max_attempts: number;
  max_run_seconds: number;
  idempotency_key: string | null;
  /** How often somebody has let it run again after its end. */
  retries: Generated<number>;
  /** Rises with every claim and never repeats, so that a late runner's write is told from the present one's. */
  fence: number;
  worker_id: string | null;
  worker_epoch: number | null;
  cancel_requested_at: Date | null;
  result_id: string | null;
  created_at: Generated<Date>;
  scheduled_at: Date | null;
  run_at: Date;
  /** When its turn came; never before an earlier claim of its queue by more than its transaction took. */
  ready_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

/** What is written once or twice and read with the claim. */
export interface TaskBodyTable {
  task_id: string;
  prompt: string | null;
  payload: JsonValue;
  dispatch_config: JsonObject | null;
  /** Whether the dispatcher's schema has read the target; false for a type that was unknown when it was written. */
  target_checked: boolean;
  /** The line that its deliveries stand in, found where the target was read. */
  order_key: string | null;
  callback_config: JsonObject | null;
  execution_config: ExecutionConfig | null;
  origin: Origin | null;
  trace_context: TraceContext | null;
  /** A digest of what the caller gave with an idempotency key, to tell a repeated request from a conflict. */
  input_digest: string | null;
  errors: Generated<readonly TaskError[]>;
  progress: TaskProgress | null;
  /** Null: it has written nothing. */
  log: readonly TaskLogLine[] | null;
}

/** A result or an error, stored once for the task and all its deliveries. */
interface BodyTable {
  id: string;
  content: JsonValue;
}

export interface DeliveryTable {
  id: string;
  seq: Generated<number>;
  kind: DeliveryKind;
  source_id: string;
  target_key: string;
  task_id: string | null;
  dispatch_type: string;
  target: JsonValue;
  target_checked: boolean;
  order_key: string | null;
  policy: RetryPolicyName;
  /** Null only as long as its stream is open, or when that was given up. */
  payload_id: string | null;
  bot_id: string | null;
  origin: Origin | null;
  /** Of the run that made it. */
  trace_context: TraceContext | null;
  state: DeliveryState;
  park_reason: ParkReason | null;
  skip_reason: string | null;
  attempt: Generated<number>;
  max_attempts: number;
  fence: Generated<number>;
  worker_id: string | null;
  worker_epoch: number | null;
  /** An attempt's answer was lost: it may have been sent. */
  uncertain: Generated<boolean>;
  next_at: Generated<Date>;
  /** It is due, and waits until its target may be called. */
  set_aside: Generated<boolean>;
  failures: Generated<readonly DeliveryFailure[]>;
  answer: ReceiverAnswer | null;
  sent_parts: Generated<readonly SentPart[]>;
  external_ids: Generated<readonly string[]>;
  created_at: Generated<Date>;
  delivered_at: Date | null;
}

/** A target in trouble; those that are well have no row. */
interface DeliveryTargetTable {
  target_key: string;
  /** In a row. */
  failures: number;
  /** Nobody may call it before. Null: it may be called. */
  until: Date | null;
  /** One attempt is under way to find out whether it answers again. */
  probing: Generated<boolean>;
  touched_at: Generated<Date>;
}

/** One heartbeat per worker. */
interface WorkerTable {
  id: string;
  /** Rises with every start of the same worker, so that a restart takes over at once. */
  epoch: number;
  boot_id: string;
  /** Alive while this lies in the future, by the database's clock. */
  alive_until: Date;
  started_at: Date;
  task_types: readonly string[];
  dispatch_types: readonly string[];
  host: string;
  pid: number;
}

/** How many tasks of a type, a queue or a key run at once, and how many start in a time. */
interface TaskLimitTable {
  scope: LimitScope;
  name: string;
  concurrency: number | null;
  rate_count: number | null;
  rate_per_ms: number | null;
  strategy: LimitStrategy;
  /** When the next one may start, less what may come at once. */
  free_at: Generated<Date>;
}

interface TaskPauseTable {
  scope: LimitScope;
  name: string;
  paused_at: Generated<Date>;
}

interface TaskDedupeTable {
  key: string;
  task_id: string | null;
  /** Null: as long as the task has not ended. */
  until: Date | null;
}
