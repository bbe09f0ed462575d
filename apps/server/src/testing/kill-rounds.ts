import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import type { ReceivedRequest, Receiver } from "./receiver.ts";
import { startReceiver } from "./receiver.ts";
import type { ServerProcess } from "./server-process.ts";
import { makeDataDir, startServerProcess } from "./server-process.ts";
import { readTask } from "./task-view.ts";

/** When the server is killed: right after 201, while the agent runs, or between its result and the delivery. */
export type KillMoment = "accepted" | "running" | "delivering";

export const killMoments: readonly KillMoment[] = ["accepted", "running", "delivering"];

export interface KillRoundsOptions {
  readonly moment: KillMoment;
  readonly rounds: number;
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly onRound?: (round: number, report: KillReport) => void;
}

export interface KillReport {
  readonly kills: number;
  readonly accepted: number;
  /** Tasks that ended complete with a delivery that arrived. */
  readonly delivered: number;
  /** Requests beyond the first of a task. */
  readonly duplicates: number;
  /** What must never be: a task without a delivery, a second delivery id, a duplicate without a kill between. */
  readonly faults: readonly string[];
}

const TASKS_PER_ROUND = 4;
const AGENT_MS = 150;

/** Posts tasks and kills the server with -9 at a moment, again and again; counts what became of every accepted task. */
export async function runKillRounds(options: KillRoundsOptions): Promise<KillReport> {
  const { moment, rounds, random, onRound } = options;
  const dataDir = await makeDataDir();
  const start = (): Promise<ServerProcess> => startServerProcess({ dataDir, env: serverEnv(options) });
  await using receiver = await startReceiver();
  const tally: { kills: number; accepted: string[]; faults: string[] } = {
    kills: 0,
    accepted: [],
    faults: [],
  };
  let server = await start();
  for (let round = 1; round <= rounds; round += 1) {
    const ids = await Promise.all(Array.from({ length: TASKS_PER_ROUND }, () => postTask(server, receiver)));
    tally.accepted.push(...ids);
    await momentOf(moment, random, receiver, ids);
    await server.kill("SIGKILL");
    tally.kills += 1;
    // What the dead server had sent is still on its way through the kernel.
    await sleep(100);
    const before = receiver.requests.length;
    server = await start();
    tally.faults.push(...(await faultsOf(server, receiver, ids, before)));
    onRound?.(round, reportOf(tally, receiver));
  }
  await server.dispose();
  return reportOf(tally, receiver);
}

function serverEnv({ env, moment }: KillRoundsOptions): Record<string, string> {
  const agent = moment === "accepted" ? "tr a-z A-Z" : `sh -c "sleep ${AGENT_MS / 1_000}; tr a-z A-Z"`;
  return { AGENT: "command", AGENT_COMMAND: agent, OUTBOUND_ALLOW: "127.0.0.0/8", ...env };
}

async function postTask(server: ServerProcess, receiver: Receiver): Promise<string> {
  const response = await server.request("/api/v1/tasks", {
    prompt: "hello",
    dispatch_type: "webhook",
    dispatch_config: { url: `${receiver.url}/hook` },
  });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Waits for the moment, give or take: what lies around it is worth a kill as well. */
async function momentOf(
  moment: KillMoment,
  random: () => number,
  receiver: Receiver,
  ids: readonly string[],
): Promise<void> {
  if (moment === "accepted") return;
  if (moment === "running") await sleep(AGENT_MS * (0.2 + 0.6 * random()));
  else if (random() < 0.5) await sleep(AGENT_MS + 60 * random());
  else await eventually(() => receiver.requests.some((request) => ids.includes(taskIdOf(request))));
}

async function faultsOf(
  server: ServerProcess,
  receiver: Receiver,
  ids: readonly string[],
  before: number,
): Promise<string[]> {
  const faults: string[] = [];
  for (const id of ids) {
    const isDelivered = async (): Promise<boolean> => {
      const { status, deliveries } = await readTask(server, id);
      return status === "complete" && deliveries.length === 1 && deliveries[0]?.status === "delivered";
    };
    await eventually(isDelivered, 30_000).catch(async () => {
      faults.push(`${id} was accepted and not delivered: ${JSON.stringify(await readTask(server, id))}`);
    });
    faults.push(...faultsOfRequests(id, receiver.requests, before));
  }
  return faults;
}

function faultsOfRequests(id: string, requests: readonly ReceivedRequest[], before: number): string[] {
  const of = (list: readonly ReceivedRequest[]): readonly ReceivedRequest[] =>
    list.filter((one) => taskIdOf(one) === id);
  const deliveryIds = new Set(of(requests).map(({ headers }) => headers["webhook-id"]));
  const faults: string[] = [];
  if (deliveryIds.size > 1) faults.push(`${id} came under ${deliveryIds.size} delivery ids`);
  for (const life of [requests.slice(0, before), requests.slice(before)]) {
    if (of(life).length > 1) faults.push(`${id} came ${of(life).length} times without a kill between`);
  }
  return faults;
}

function reportOf(
  {
    kills,
    accepted,
    faults,
  }: { readonly kills: number; readonly accepted: readonly string[]; readonly faults: readonly string[] },
  receiver: Receiver,
): KillReport {
  const arrived = new Set(receiver.requests.map(taskIdOf));
  const delivered = accepted.filter((id) => arrived.has(id)).length;
  return {
    kills,
    accepted: accepted.length,
    delivered,
    duplicates: receiver.requests.length - arrived.size,
    faults,
  };
}

function taskIdOf({ body }: ReceivedRequest): string {
  return (JSON.parse(body) as { task_id: string }).task_id;
}
