import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 25;

/** Asks again and again until the answer is not null, and gives it; rejects when the signal is aborted. */
export async function until<Answer>(
  ask: () => Promise<Answer | null> | Answer | null,
  signal: AbortSignal,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(POLL_MS, undefined, { signal });
  }
}
