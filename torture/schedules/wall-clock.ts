/** What the clocks of a time zone show at one minute. */
export interface WallMinute {
  /** The moment at which the minute begins. */
  readonly at: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** The same as one number that grows with the time that is shown. */
  readonly shown: number;
}

const MINUTE_MS = 60_000;

/** Every minute from one moment to another, as the clocks of a time zone show it: by Intl alone. */
export function wallMinutes(timezone: string, from: number, until: number): readonly WallMinute[] {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const minutes: WallMinute[] = [];
  for (let at = Math.floor(from / MINUTE_MS) * MINUTE_MS; at <= until; at += MINUTE_MS) {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? Number.NaN;
    const shown = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
    minutes.push({ at, ...fieldsOf(shown) });
  }
  return minutes;
}

/** The fields of a time that is shown, which need not exist. */
export function fieldsOf(shown: number): Omit<WallMinute, "at"> {
  const date = new Date(shown);
  return {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
    shown,
  };
}
