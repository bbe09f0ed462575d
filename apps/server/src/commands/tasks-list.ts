import type { Page, TaskFilter } from "@core/tasks";
import { failureCodes, taskReasons, taskStates } from "@core/tasks";
import type { TaskAdmin, WireDocument } from "../admin/task-admin.ts";
import type { Command } from "./command.ts";
import { defineCommand, exitCodes, jsonOption } from "./command.ts";
import { readMoment, shownDuration } from "./moments.ts";
import { given, readChoice, readCount } from "./option-values.ts";
import type { Column } from "./table.ts";
import { tableLines } from "./table.ts";
import { taskFilterOptions, withTaskAdmin } from "./task-options.ts";

const DEFAULT_LIMIT = 50;
const LARGEST_PAGE = 200;

const options = {
  status: { type: "string", value: "<status>", summary: taskStates.join(", ") },
  ...taskFilterOptions,
  lane: { type: "string", value: "<lane>", summary: "of this lane" },
  session: { type: "string", value: "<id>", summary: "of this session" },
  reason: { type: "string", value: "<reason>", summary: taskReasons.join(", ") },
  "created-after": { type: "string", value: "<moment>", summary: "a date, or how long ago, such as 2h" },
  "created-before": { type: "string", value: "<moment>", summary: "the same" },
  limit: { type: "string", value: "<count>", summary: `how many at most; ${DEFAULT_LIMIT} unless told` },
  cursor: { type: "string", value: "<cursor>", summary: "reads on behind an earlier list" },
  ...jsonOption,
} as const;

export const tasksList: Command = defineCommand({
  name: "tasks list",
  summary: "lists tasks, the newest first",
  operand: null,
  options,
  async run({ values }, context) {
    const limit = values.limit === undefined ? DEFAULT_LIMIT : readCount("--limit", values.limit);
    const filter = filterOf(values);
    return withTaskAdmin(context, async (admin) => {
      const { terminal } = context;
      const { items, next_cursor: next } = await readUpTo(limit, admin, filter);
      if (values.json === true) terminal.print(JSON.stringify({ items, next_cursor: next }));
      else if (items.length === 0) terminal.print("There are no such tasks.");
      else for (const line of tableLines(columnsAt(Date.now()), items, terminal)) terminal.print(line);
      if (next !== null && values.json !== true) terminal.note(`There may be more: --cursor ${next}`);
      return exitCodes.done;
    });
  },
});

function filterOf(values: {
  readonly [Name in Exclude<keyof typeof options, "json">]?: string;
}): TaskFilter {
  const now = Date.now();
  const read = <Value>(
    name: keyof typeof values,
    readAs: (option: string, value: string) => Value,
  ): Value | undefined => {
    const value = values[name];
    return value === undefined ? undefined : readAs(`--${name}`, value);
  };
  return given({
    state: read("status", (option, value) => readChoice(option, value, taskStates)),
    type: values.type,
    queue: values.queue,
    lane: values.lane,
    session_id: values.session,
    failure_code: read("failure-code", (option, value) => readChoice(option, value, failureCodes)),
    reason: read("reason", (option, value) => readChoice(option, value, taskReasons)),
    created_after: read("created-after", (option, value) => readMoment(option, value, now)),
    created_before: read("created-before", (option, value) => readMoment(option, value, now)),
    cursor: values.cursor,
  });
}

/** As many pages as it takes; one may be short although there are more. */
async function readUpTo(limit: number, admin: TaskAdmin, filter: TaskFilter): Promise<Page<WireDocument>> {
  const items: WireDocument[] = [];
  let cursor = filter.cursor ?? null;
  do {
    const asked = Math.min(limit - items.length, LARGEST_PAGE);
    const page = await admin.list({ ...filter, limit: asked, ...(cursor !== null && { cursor }) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < limit);
  return { items, next_cursor: cursor };
}

function columnsAt(now: number): readonly Column<WireDocument>[] {
  return [
    { title: "ID", cell: (task) => text(task["id"]) },
    { title: "STATUS", cell: (task) => text(task["failure_code"] ?? task["status"]) },
    { title: "TYPE", cell: (task) => text(task["type"]) },
    { title: "QUEUE", cell: (task) => text(task["queue"]) },
    { title: "TRIES", cell: (task) => `${text(task["attempt"])}/${text(task["max_attempts"])}` },
    // Another clock may be ahead.
    { title: "AGE", cell: (task) => shownDuration(Math.max(0, now - Date.parse(text(task["created_at"])))) },
    { title: "ABOUT", cell: (task) => text(task["title"] ?? task["prompt"]) },
  ];
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
