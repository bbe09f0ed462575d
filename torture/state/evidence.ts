import type { IntegrationState } from "@core/integrations-state";
import { machineMs } from "./machine-clock.ts";
import type { Acknowledgement } from "./mutator-plan.ts";
import { ticketsIn } from "./tickets.ts";
import type { Ticket } from "./tickets.ts";

/** Collects what was acknowledged and what was read, and finds what does not fit together. */
export interface Evidence {
  acknowledged(acknowledgement: Acknowledgement): void;
  /** The text of the whole file, as it was read while others wrote. */
  read(text: string): void;
  /** From now on pauses between acknowledgements count. */
  beginPauses(): void;
  acknowledgements(): number;
  counts(): Readonly<Record<string, number>>;
  /** To be asked when the last state was read. */
  faults(): readonly string[];
}

export function createEvidence(nowMs: () => number = machineMs): Evidence {
  const acknowledged: Acknowledgement[] = [];
  const owners = new Map<number, string>();
  const found: string[] = [];
  let reads = 0;
  let beganMs = nowMs();

  const times = (): number[] => acknowledged.map(({ atMs }) => atMs);

  function take({ number, owner }: Ticket): void {
    const known = owners.get(number) ?? owner;
    if (known !== owner) found.push(`ticket ${number} was given to ${known} and to ${owner}`);
    owners.set(number, owner);
  }

  return {
    acknowledged(acknowledgement) {
      acknowledged.push(acknowledgement);
      acknowledgement.before.forEach(take);
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
      beganMs = nowMs();
    },
    acknowledgements: () => acknowledged.length,
    counts: () => ({
      acknowledged: acknowledged.length,
      reads,
      longestPauseMs: Math.round(longestPause([beganMs, ...times().filter((atMs) => atMs > beganMs)])),
    }),
    faults: () => [...found, ...acknowledged.flatMap((ticket) => lossOf(ticket, owners))],
  };
}

function longestPause(timesMs: readonly number[]): number {
  const inOrder = timesMs.toSorted((a, b) => a - b);
  return inOrder.reduce((longest, time, place) => Math.max(longest, time - (inOrder[place - 1] ?? time)), 0);
}

function lossOf({ number, owner }: Ticket, owners: ReadonlyMap<number, string>): string[] {
  const stored = owners.get(number);
  if (stored === owner) return [];
  return [`ticket ${number} of ${owner} was acknowledged, and ${stored ?? "nobody"} has it`];
}
