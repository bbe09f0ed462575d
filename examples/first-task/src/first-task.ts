import { openDatabase } from "@core/database";
import { createOutbound, createWebhookDispatcher } from "@core/outbound";
import { createRegistry, textResult } from "@core/registry";
import { agentHandler, createTasks, tasksMigrations, type Tasks } from "@core/tasks";

/** Opens a folder, runs an agent that shouts, and posts its signed answers to `url`. */
export async function shout(dataDir: string, secret: string): Promise<Tasks & AsyncDisposable> {
  const database = await openDatabase({ dataDir });
  await database.migrate([tasksMigrations()]);

  const outbound = createOutbound({ allow: ["127.0.0.0/8"] });
  const webhook = createWebhookDispatcher({ outbound, signingSecrets: [secret] });
  const { dispatchers } = createRegistry();
  dispatchers.register("webhook", webhook, { owner: "my-server" });

  const tasks = createTasks({ database, dispatchers });
  const agent = agentHandler({ run: async ({ prompt }) => textResult(prompt.toUpperCase()) });
  const worker = tasks.createWorker({ workerId: "my-server", handlers: { agent } });
  await worker.start();

  return {
    ...tasks,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await outbound.close();
      await database.close();
    },
  };
}
