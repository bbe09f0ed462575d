import type { Timing } from "./hook-timing.ts";

/** The timings as lines under a title, each peer with the quotient of ours and it. */
export function timingTable(title: string, timings: readonly Timing[]): string {
  const own = ours(timings);
  const rows = timings.map(({ name, role, call, whole }) => [
    name,
    micros(call),
    role === "peer" ? quotient(own.call, call) : "",
    micros(whole),
    role === "peer" ? quotient(own.whole, whole) : "",
  ]);
  return ["", line([title, "call, µs", "ours / it", "whole, µs", "ours / it"]), ...rows.map(line)].join("\n");
}

export function ours(timings: readonly Timing[]): Timing {
  const found = timings.find(({ role }) => role === "ours");
  if (found === undefined) throw new Error("Our side was not timed.");
  return found;
}

export function peers(timings: readonly Timing[]): readonly Timing[] {
  return timings.filter(({ role }) => role === "peer");
}

function line([name = "", ...figures]: readonly string[]): string {
  return [name.padEnd(28), ...figures.map((figure) => figure.padStart(11))].join("").trimEnd();
}

function micros(value: number | null): string {
  return value === null ? "" : value.toPrecision(3);
}

function quotient(dividend: number | null, divisor: number | null): string {
  return dividend === null || divisor === null ? "" : (dividend / divisor).toFixed(2);
}
