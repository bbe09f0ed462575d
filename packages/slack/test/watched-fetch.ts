import { setImmediate } from "node:timers/promises";

/** The global fetch, and when all that it was asked has been answered and dealt with. */
export interface WatchedFetch {
  readonly fetch: typeof fetch;
  idle(): Promise<void>;
}

export function createWatchedFetch(): WatchedFetch {
  const underWay = new Set<Promise<unknown>>();
  return {
    async fetch(input, init) {
      const answering = answerOf(input, init);
      const watched = answering.catch(() => {}).finally(() => underWay.delete(watched));
      underWay.add(watched);
      return answering;
    },
    async idle() {
      do {
        await Promise.all(underWay);
        // What follows an answer takes no network until the next call.
        for (let turns = 0; turns < 5; turns += 1) await setImmediate();
      } while (underWay.size > 0);
    },
  };
}

/** With its whole body, so that nothing of it is still on its way. */
async function answerOf(...request: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(...request);
  const body = await answer.arrayBuffer();
  const { status, headers } = answer;
  return new Response(body, { status, headers });
}
