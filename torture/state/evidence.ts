import type { IntegrationState } from "@core/integrations-state";
import { ticketsIn } from "./tickets.ts";
import type { Ticket } from "./tickets.ts";

/** Collects what was acknowledged and what was read, and finds what does not fit together. */
export interface Evidence {
  acknowledged(ticket: Ticket): void;
  /** The text of the whole file, as it was read while others wrote. */
  read(text: string): void;
  /** Forgets when the last acknowledgement was: from now on pauses count. */
  beginPauses(): void;
  counts(): Readonly<Record<string, number>>;
  /** To be asked when the last state was read. */
  faults(): readonly string[];
}

export function createEvidence(nowMs: () => number = () => performance.now()): Evidence {
  const acknowledged: Ticket[] = [];
  const owners = new Map<number, string>();
  const found: string[] = [];
  let reads = 0;
  let lastMs = nowMs();
  let longestPauseMs = 0;

  function take({ number, owner }: Ticket): void {
    const known = owners.get(number) ?? owner;
    if (known !== owner) found.push(`ticket ${number} was given to ${known} and to ${owner}`);
    owners.set(number, owner);
  }

  return {
    acknowledged(ticket) {
      acknowledged.push(ticket);
      longestPauseMs = Math.max(longestPauseMs, nowMs() - lastMs);
      lastMs = nowMs();
    },
    read(text) {
      reads += 1;
      try {
        for (const ticket of ticketsIn(JSON.parse(text) as IntegrationState)) take(ticket);
      } catch {
        found.push(`a read was torn: ${text.length} characters`);
      }
    },
    beginPauses() {
      lastMs = nowMs();
      longestPauseMs = 0;
    },
    counts: () => ({
      acknowledged: acknowledged.length,
      reads,
      longestPauseMs: Math.round(longestPauseMs),
    }),
    faults: () => [...found, ...acknowledged.flatMap((ticket) => lossOf(ticket, owners))],
  };
}

function lossOf({ number, owner }: Ticket, owners: ReadonlyMap<number, string>): string[] {
  const stored = owners.get(number);
  if (stored === owner) return [];
  return [`ticket ${number} of ${owner} was acknowledged, and ${stored ?? "nobody"} has it`];
}
