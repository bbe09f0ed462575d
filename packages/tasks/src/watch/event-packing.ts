import { encodeFact } from "./event-wire.ts";
import type { Fact } from "./task-event.ts";

/** When there are more facts than these at once, they are not told: whoever listens looks for itself. */
export const MOST_FACTS = 200;
/** Of the 7,999 that a notification may have, less what stands around the facts. */
const MOST_BYTES = 7_700;

/** The beginning of the facts that one notification holds, as JSON; none when the first one fits nowhere. */
export function rowsThatFit(facts: readonly Fact[]): readonly string[] {
  const rows: string[] = [];
  let bytes = 0;
  for (const fact of facts) {
    const row = encodeFact(fact);
    bytes += Buffer.byteLength(row) + 1;
    if (bytes > MOST_BYTES) break;
    rows.push(row);
  }
  return rows;
}

/** What the messages hold that tell all the facts; without rows: something has happened that is not told. */
export function packed(facts: readonly Fact[]): readonly (readonly string[])[] {
  if (facts.length > MOST_FACTS) return [[]];
  const messages: (readonly string[])[] = [];
  for (let rest = facts; rest.length > 0;) {
    const rows = rowsThatFit(rest);
    messages.push(rows);
    rest = rest.slice(Math.max(rows.length, 1));
  }
  return messages;
}
