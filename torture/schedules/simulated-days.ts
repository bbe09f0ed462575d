import type { Report } from "../tasks/trial.ts";
import type { SimulatedDayOptions } from "./simulated-day.ts";
import { runSimulatedDay } from "./simulated-day.ts";

/** Spring and autumn, on both sides of the Atlantic. */
const changes = [
  "2026-03-08T07:00:00Z",
  "2026-03-29T01:00:00Z",
  "2026-10-25T01:00:00Z",
  "2026-11-01T06:00:00Z",
];

export interface SimulatedDaysOptions extends Omit<SimulatedDayOptions, "url" | "change" | "hours"> {
  /** Runs a day on a database of its own. */
  readonly onDatabase: (run: (url: string) => Promise<Report>) => Promise<Report>;
}

/** A day of 24 hours around each change of the clocks. */
export async function runSimulatedDays({ onDatabase, ...options }: SimulatedDaysOptions): Promise<Report> {
  let sum: Report = { counts: {}, faults: [] };
  for (const change of changes) {
    const { counts, faults } = await onDatabase((url) =>
      runSimulatedDay({ ...options, url, change, hours: 24 }),
    );
    const names = Object.keys(counts);
    sum = {
      counts: Object.fromEntries(names.map((name) => [name, (sum.counts[name] ?? 0) + (counts[name] ?? 0)])),
      faults: [...sum.faults, ...faults.map((fault) => `day around ${change}: ${fault}`)],
    };
  }
  return sum;
}
