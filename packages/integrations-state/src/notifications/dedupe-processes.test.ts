import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";
import { startService } from "../../test/service-receiver.ts";
import { createStateFile } from "../file/state-file.ts";

const program = fileURLToPath(new URL("../../test/notification-program.ts", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "dedupe-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("of notifications with one key from several processes at once, one is sent", async () => {
  const path = join(folder, "race.json");
  await using service = await startService(200);
  const printed = await Promise.all([1, 2, 3].map(() => run(path, service.url)));
  const statuses = printed.flatMap((text): string[] => JSON.parse(text));
  expect(service.requests).toHaveLength(1);
  expect(statuses.toSorted()).toEqual(["delivered", ...Array.from({ length: 29 }, () => "suppressed")]);
});

test("what a killed process was sending is not sent again for ten minutes, and then it is", async () => {
  const path = join(folder, "crash.json");
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  await using service = await startService(() => arrive(), 200);
  const child = spawn(path, service.url);
  await arrived;
  child.kill("SIGKILL");
  await once(child, "exit");

  const store = createStateFile({ path });
  await using lab = openNotificationLab({ parts: { store } });
  lab.pass(Date.now() - lab.parts.clock.now());
  const notification = {
    channel: "webhook",
    message: "hello",
    webhook_url: service.url,
    dedupe_key: "disk-full",
  };
  expect((await lab.sendNotification(notification)).delivery.status).toBe("suppressed");
  lab.pass(10 * 60_000);
  expect((await lab.sendNotification(notification)).delivery.status).toBe("delivered");
  expect(service.requests).toHaveLength(2);
  await store.close();
});

function spawn(
  path: string,
  url: string,
  done: (error: Error | null, printed: string) => void = () => undefined,
) {
  return execFile(process.execPath, ["--conditions=@core/source", program, path, url], done);
}

async function run(path: string, url: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  spawn(path, url, (error, printed) => (error ? reject(error) : resolve(printed)));
  return promise;
}
