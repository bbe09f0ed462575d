import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** How many random bytes are fetched at once: asking for sixteen at a time is what an id would cost most. */
const POOL = 4_096;
const PER_ID = 16;

/**
 * Makes ids that sort by the time they were made (UUID version 7, RFC 9562), those of one millisecond too: in the 32
 * bits behind the time each is one more than the one before.
 */
export function createIds(): () => string {
  const pool = new Uint8Array(POOL);
  let used = POOL;
  let lastMs = 0;
  let sequence = 0;

  return () => {
    if (used === POOL) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, (used += PER_ID));
    const now = Date.now();
    if (now > lastMs) {
      lastMs = now;
      // From the lower half, so that it does not run over within a millisecond.
      sequence = (((random[6] ?? 0) & 0x7f) << 24) | ((random[7] ?? 0) << 16) | ((random[8] ?? 0) << 8);
    } else sequence += 1;
    return v7({ msecs: lastMs, seq: sequence, random });
  };
}
