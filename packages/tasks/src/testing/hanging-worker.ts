// A worker in a process of its own, for tests that kill it: its handler says something and never ends.
import { openDatabase } from "@core/database";
import { createTasks } from "../create-tasks.ts";

// A child never outlives its parent.
process.once("disconnect", () => process.exit(1));
const [url = ""] = process.argv.slice(2);
const database = await openDatabase({ url });
const worker = createTasks({ database }).createWorker({
  workerId: "hanging",
  heartbeatMs: 50,
  deadAfterMs: 500,
  handlers: {
    t: (_, { progress }) => {
      progress(0.5, "half");
      return new Promise(() => {});
    },
  },
});
await worker.start();
