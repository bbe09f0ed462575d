import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 60_000;
const WAIT_MS = 50;

/** Asks again while the answer is an error, as a database that is being restarted gives; at most a minute. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(WAIT_MS);
    }
  }
}

/** Asks until the answer is yes; false when a limit has passed before. */
export async function comesTrue(ask: () => Promise<boolean>, limitMs: number = LIMIT_MS): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!(await patiently(ask))) {
    if (performance.now() > end) return false;
    await sleep(WAIT_MS);
  }
  return true;
}
