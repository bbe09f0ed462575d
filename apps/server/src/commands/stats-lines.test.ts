import { expect, test } from "vitest";
import { statsLines } from "./stats-lines.ts";

const plain = { style: (_: string, text: string) => text };
const none = { pending: 0, open: 0, sending: 0, held: 0, parked: 0, dead: 0 };

test("figures are shown by queue and type, without what is nought", () => {
  const mail = {
    queue: "default",
    type: "mail",
    pending: 3,
    due: 2,
    planned: 1,
    in_lane: 0,
    limited: 0,
    running: 12,
    waiting: 0,
    oldest_due_ms: 90_000,
    ended_last_hour: { complete: 1_200, failed: 2, cancelled: 0 },
  };
  const worker = {
    id: "w1",
    host: "h",
    pid: 11_800,
    alive: true,
    started_at: new Date(0),
    task_types: ["mail", "agent"],
    dispatch_types: [],
    running: 12,
  };
  const stats = { tasks: [mail], deliveries: { ...none, held: 1, dead: 2 }, workers: [worker] };
  expect(statsLines(stats, plain)).toEqual([
    "QUEUE    TYPE  DUE  OLDEST  PLANNED  IN LANE  LIMITED  RUNNING  WAITING  IN THE LAST HOUR",
    "default  mail    2  1.5 m         1        0        0       12        0  1200 complete, 2 failed",
    "",
    "Deliveries: 1 held, 2 dead.",
    "",
    "WORKER  HOST  PID    ALIVE  RUNNING  TASKS        DELIVERIES",
    "w1      h     11800  yes         12  mail, agent",
  ]);
});

test("an idle queue says so", () => {
  expect(statsLines({ tasks: [], deliveries: none, workers: [] }, plain)).toContain(
    "Deliveries: none waits.",
  );
});
