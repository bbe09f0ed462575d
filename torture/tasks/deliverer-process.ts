// A process that delivers and does nothing else, as its plan (JSON, the first argument) says.
import { openDatabase } from "@core/database";
import { createDispatcherRegistry, delivered } from "@core/registry";
import { createTasks } from "@core/tasks";
import { tortureDeclaration, TORTURE_TYPE } from "./delivery-targets.ts";
import { patiently } from "./patiently.ts";
import type { DelivererPlan, FromWorker, ToWorker } from "./worker-plan.ts";

// A child never outlives its parent.
process.once("disconnect", () => process.exit(1));
await run(JSON.parse(process.argv[2] ?? "") as DelivererPlan);

async function run({ app, workerId, timing, url, receiver }: DelivererPlan): Promise<void> {
  const database = await patiently(() => openDatabase({ url, poolSize: 4, applicationName: app }));
  const dispatchers = createDispatcherRegistry();
  const dispatcher = {
    ...tortureDeclaration,
    async deliver({ id, target }: { readonly id: string; readonly target: object }) {
      await fetch(receiver, { method: "POST", body: JSON.stringify({ id, ...target }) });
      return delivered();
    },
  };
  dispatchers.register(TORTURE_TYPE, dispatcher, { owner: "torture" });
  const worker = createTasks({ database, dispatchers }).createWorker({ handlers: {}, workerId, ...timing });
  process.on("message", (message: ToWorker) => {
    if (message.do === "stop") void worker.stop().then(() => process.exit(0));
  });
  await patiently(() => worker.start());
  tell({ is: "ready", held: 0, orphans: 0 });
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
