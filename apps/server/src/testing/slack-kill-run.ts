import { setTimeout as sleep } from "node:timers/promises";
import type { Chaos, FakeSlack, PostedMessage } from "@integration/slack/testing";
import { FAKE_BOT_TOKEN, FAKE_CHANNELS, startFakeSlack } from "@integration/slack/testing";
import { eventually } from "./eventually.ts";
import type { ServerProcess } from "./server-process.ts";
import { makeDataDir, startServerProcess } from "./server-process.ts";
import { progressLine, readProgress } from "./slack-kill-progress.ts";
import type { DeliveryView } from "./task-view.ts";
import { readTask } from "./task-view.ts";

export interface SlackKillOptions {
  readonly tasks: number;
  /** How long the server lives between two kills once it is ready, half of it more or less. */
  readonly killEveryMs: number;
  /** What the calls meet. Late answers let a kill often come between Slack's acceptance and its answer. */
  readonly chaos: Chaos;
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly onProgress?: (line: string) => void;
}

export interface SlackKillReport {
  readonly accepted: number;
  readonly kills: number;
  /** Calls that met a fault other than a late answer. */
  readonly disturbed: number;
  readonly delivered: number;
  readonly held: number;
  /** Deliveries that took more than one attempt. */
  readonly retried: number;
  /** What must never be: a reply that is missing, that came twice, or that was sent and is held unseen. */
  readonly faults: readonly string[];
}

/** Sends replies into a Slack that is in trouble, from a server that is killed again and again. */
export async function runSlackKills(options: SlackKillOptions): Promise<SlackKillReport> {
  const { tasks, killEveryMs, onProgress } = options;
  const slack = await startFakeSlack({ rateLimits: "observed" });
  slack.chaos(options.chaos);
  const dataDir = await makeDataDir();
  const start = (): Promise<ServerProcess> => startServerProcess({ dataDir, env: serverEnv(slack, options) });
  let server = await start();
  const ids = await Promise.all(Array.from({ length: tasks }, (_, n) => postTask(server, slack, n)));
  let kills = 0;
  for (let left = ids.length; left > 0;) {
    await sleep(killEveryMs * (0.5 + options.random()));
    await server.kill("SIGKILL");
    kills += 1;
    server = await start();
    const progress = await readProgress(server);
    left = progress.left;
    onProgress?.(`${kills} kills: ${progressLine(progress)}`);
  }
  const report = await reportOf(server, slack, ids);
  await server.dispose();
  await slack.close();
  return { ...report, accepted: ids.length, kills, disturbed: disturbedIn(slack) };
}

function disturbedIn({ calls }: FakeSlack): number {
  return calls.filter(({ fault }) => typeof fault === "string" || (fault !== null && !("lateMs" in fault)))
    .length;
}

function serverEnv({ apiUrl }: FakeSlack, { env }: SlackKillOptions): Record<string, string> {
  return { SLACK_BOT_TOKEN: FAKE_BOT_TOKEN, SLACK_API_URL: apiUrl, LOG_LEVEL: "info", ...env };
}

async function postTask(server: ServerProcess, slack: FakeSlack, n: number): Promise<string> {
  const channel = FAKE_CHANNELS[n % FAKE_CHANNELS.length];
  const response = await server.request("/api/v1/tasks", {
    prompt: promptOf(n),
    dispatch_type: "slack",
    dispatch_config: { channel_id: slack.channelId(channel) },
    max_attempts: 100,
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Every third one takes two messages. */
function promptOf(n: number): string {
  const words = Array.from({ length: n % 3 === 0 ? 2_500 : 1 }, (_, index) => `word${index}`);
  return `Reply number ${n}: ${words.join(" ")}`;
}

async function reportOf(
  server: ServerProcess,
  slack: FakeSlack,
  ids: readonly string[],
): Promise<Pick<SlackKillReport, "delivered" | "held" | "retried" | "faults">> {
  const shown = await allMessages(slack);
  const deliveries: DeliveryView[] = [];
  const faults: string[] = [];
  for (const [n, id] of ids.entries()) {
    await eventually(async () => (await readTask(server, id)).deliveries.length === 1);
    const [delivery] = (await readTask(server, id)).deliveries;
    if (delivery === undefined) throw new Error(`Task ${id} has no delivery.`);
    deliveries.push(delivery);
    const texts = shown.get(delivery.id) ?? [];
    const isWhole = texts.join(" ") === promptOf(n);
    const isRight = delivery.status === "delivered" ? isWhole : delivery.status === "held" && isUnique(texts);
    if (!isRight) faults.push(`Reply ${n} is ${delivery.status}, shown as ${JSON.stringify(texts)}`);
  }
  return {
    delivered: deliveries.filter(({ status }) => status === "delivered").length,
    held: deliveries.filter(({ status }) => status === "held").length,
    retried: deliveries.filter(({ attempt }) => attempt > 1).length,
    faults,
  };
}

function isUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

/** What Slack shows of each delivery, in the order in which it came. */
async function allMessages(slack: FakeSlack): Promise<ReadonlyMap<string, readonly string[]>> {
  const pages = await Promise.all(FAKE_CHANNELS.map((name) => slack.messages(undefined, name)));
  const shown = new Map<string, string[]>();
  for (const message of pages.flat()) {
    const id = deliveryIdOf(message);
    shown.set(id, [...(shown.get(id) ?? []), message.text ?? ""]);
  }
  return shown;
}

function deliveryIdOf({ metadata }: PostedMessage): string {
  return (metadata as { event_payload: { delivery_id: string } }).event_payload.delivery_id;
}
