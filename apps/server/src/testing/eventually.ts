import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;

/** Asks again and again until the answer is one, and gives it; fails loudly when the time is over. */
export async function eventually<Answer>(
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  timeoutMs = 10_000,
): Promise<Answer> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > end)
      throw new Error(`It did not happen within ${timeoutMs} ms: ${ask.toString()}`);
    await sleep(POLL_MS);
  }
}
