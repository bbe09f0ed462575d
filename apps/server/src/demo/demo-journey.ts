import { deliveredTask, postTask } from "./demo-api.ts";
import type { DemoPrinter } from "./demo-printer.ts";
import {
  deliveryIdOf,
  proveDelivered,
  proveSameDelivery,
  proveSignature,
  proveTampering,
} from "./demo-proof.ts";
import type { Arrival, DemoReceiver } from "./demo-receiver.ts";
import type { DemoServer } from "./demo-server.ts";
import type { DemoStage } from "./demo-stage.ts";
import { demoAgentCommand } from "./demo-stage.ts";
import type { DemoStep } from "./demo-step.ts";

export interface DemoJourney {
  readonly stage: DemoStage;
  readonly step: DemoStep;
  readonly printer: DemoPrinter;
}

/** A task and its signed delivery: through a receiver that is down, and through a kill -9 of the server. */
export async function playJourney(journey: DemoJourney): Promise<void> {
  const { step } = journey;
  const { dataDir, receiver, server } = await step("Start a server and a receiver", (signal) =>
    start(journey, signal),
  );
  const task = await step("Post a task", (signal) => showPost(journey, { server, receiver }, signal));
  const refused = await step("The result arrives, signed, and the receiver says 503", (signal) =>
    refuseFirst(journey, receiver, signal),
  );
  const taken = await step("The server tries again, and the receiver takes it", (signal) =>
    takeSecond(journey, { receiver, refused, secret: server.signingSecret }, signal),
  );
  await step("The task as the API shows it now", async (signal) => {
    journey.printer.line(`GET ${server.url}/api/v1/tasks/${task.id}`);
    proveDelivered(await deliveredTask(server, task.id, signal), taken, journey.printer);
  });
  const lost = await step("Kill the server with -9 in the middle of a delivery", (signal) =>
    killInDelivery(journey, { server, receiver }, signal),
  );
  await step("Start it again on the same folder", (signal) =>
    recover(journey, { ...lost, dataDir, receiver }, signal),
  );
}

interface Cast {
  readonly dataDir: string;
  readonly receiver: DemoReceiver;
  readonly server: DemoServer;
}

async function start({ stage, printer }: DemoJourney, signal: AbortSignal): Promise<Cast> {
  const dataDir = await stage.makeDataDir();
  const receiver = await stage.startReceiver();
  printer.note("Waiting for the server to make its embedded database; that takes a few seconds.");
  const server = await stage.startServer(dataDir, signal);
  printer.fact("server", `${server.url}  (process ${server.pid})`);
  printer.fact("DATA_DIR", dataDir);
  printer.fact("AGENT_COMMAND", `${demoAgentCommand}  (reads the prompt, prints the result)`);
  printer.fact("receiver", receiver.url);
  return { dataDir, receiver, server };
}

async function showPost(
  { printer }: DemoJourney,
  { server, receiver }: Pick<Cast, "server" | "receiver">,
  signal: AbortSignal,
): Promise<{ readonly id: string }> {
  const body = taskFor(receiver, "hello from the demo");
  printer.line(`POST ${server.url}/api/v1/tasks`);
  printer.fact("authorization", "Bearer … (the key in DATA_DIR/api-key)");
  printer.json(body);
  const task = await postTask(server, body, signal);
  printer.fact("answer", "201 Created: from here on the server owes the result");
  printer.proof("task", task.id);
  return task;
}

async function refuseFirst(
  { printer }: DemoJourney,
  receiver: DemoReceiver,
  signal: AbortSignal,
): Promise<Arrival> {
  const arrival = await receiver.next(signal);
  printer.line(`${arrival.method} ${receiver.url}${arrival.path}`);
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"])
    printer.fact(name, String(arrival.headers[name]));
  printer.line(arrival.rawBody);
  arrival.answer(503);
  printer.fact("answer", "503: the receiver plays a bad moment");
  return arrival;
}

async function takeSecond(
  { printer }: DemoJourney,
  { receiver, refused, secret }: { receiver: DemoReceiver; refused: Arrival; secret: string },
  signal: AbortSignal,
): Promise<Arrival> {
  printer.note("The retry is in the database, due within a second; later ones wait longer.");
  const arrival = await receiver.next(signal);
  proveSameDelivery(refused, arrival, printer);
  proveSignature(arrival, secret, printer);
  proveTampering(arrival, secret, printer);
  arrival.answer(200);
  printer.fact("answer", "200");
  return arrival;
}

interface Lost {
  readonly taskId: string;
  readonly held: Arrival;
}

async function killInDelivery(
  { printer }: DemoJourney,
  { server, receiver }: Pick<Cast, "server" | "receiver">,
  signal: AbortSignal,
): Promise<Lost> {
  const { id } = await postTask(server, taskFor(receiver, "this one survives"), signal);
  printer.fact("second task", id);
  const held = await receiver.next(signal);
  printer.fact("webhook-id", `${deliveryIdOf(held)}  (has arrived, is not answered)`);
  await server.kill();
  printer.proof(`kill -9 ${server.pid}`, "The server is gone and never heard an answer.");
  return { taskId: id, held };
}

async function recover(
  { stage, printer }: DemoJourney,
  { taskId, held, dataDir, receiver }: Lost & Pick<Cast, "dataDir" | "receiver">,
  signal: AbortSignal,
): Promise<void> {
  printer.note("No task is posted again: all it needs is in the folder.");
  const server = await stage.startServer(dataDir, signal);
  printer.fact("server", `${server.url}  (process ${server.pid})`);
  const arrival = await receiver.next(signal);
  proveSameDelivery(held, arrival, printer);
  proveSignature(arrival, server.signingSecret, printer);
  arrival.answer(200);
  printer.fact("answer", "200; a receiver that had taken the first one drops this by its webhook-id");
  proveDelivered(await deliveredTask(server, taskId, signal), arrival, printer);
}

function taskFor(receiver: DemoReceiver, prompt: string): object {
  return { prompt, dispatch_type: "webhook", dispatch_config: { url: `${receiver.url}/hook` } };
}
