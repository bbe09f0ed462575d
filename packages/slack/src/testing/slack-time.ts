import type { Clock } from "@core/registry";

/** Slack's own time. */
export interface SlackTime {
  /** A timestamp for something that happens now, never the same twice. */
  stamp(): string;
}

export function createSlackTime(clock: Clock, offsetMs: number): SlackTime {
  let last = 0;
  return {
    stamp() {
      last = Math.max(last + 1, Math.round((clock.now() + offsetMs) * 1_000));
      const microseconds = String(last).padStart(7, "0");
      return `${microseconds.slice(0, -6)}.${microseconds.slice(-6)}`;
    },
  };
}

/** Moves every message timestamp in a text, such as `1730000000.000100`, by so many whole seconds. */
export function shiftTimestamps(text: string, byMs: number): string {
  const seconds = Math.round(byMs / 1_000);
  if (seconds === 0) return text;
  return text.replaceAll(/(?<!\d)(\d{10})(\.\d{6})(?!\d)/g, (_, whole: string, rest: string) => {
    return `${Number(whole) + seconds}${rest}`;
  });
}

/** Whether an argument has the form of a message's timestamp. */
export function isTimestamp(text: string): boolean {
  return /^\d{10}\.\d{6}$/.test(text);
}
