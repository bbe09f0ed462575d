import type { Terminal } from "./terminal.ts";

/** Tells how far long work is. */
export interface Progress {
  /** So many are done; `total` where it is known. */
  report(done: number, total?: number): void;
  /** Takes the bar away. */
  end(): void;
}

const WIDTH = 24;
const CLEAR_LINE = "\r\u001B[K";

/** A bar that moves on a terminal; elsewhere lines, each for twice as much as the one before. */
export function createProgress(label: string, { isLive, draw, note }: Terminal): Progress {
  let reports = 0;
  let noted = 0;
  return {
    report(done, total) {
      reports += 1;
      const count = total === undefined ? shown(done) : `${shown(done)} of ${shown(total)}`;
      if (isLive) return draw(`${CLEAR_LINE}${label} ${bar(done, total, reports)} ${count}`);
      if (done < noted * 2 && done !== total) return;
      noted = done;
      note(`${label}: ${count}`);
    },
    end() {
      if (isLive && reports > 0) draw(CLEAR_LINE);
    },
  };
}

/** Without a total, a piece that wanders along. */
function bar(done: number, total: number | undefined, reports: number): string {
  const from = total === undefined ? reports % WIDTH : 0;
  const length = total === undefined ? 1 : Math.round((Math.min(done, total) / Math.max(total, 1)) * WIDTH);
  const cells = Array.from({ length: WIDTH }, (_, at) => (at >= from && at < from + length ? "█" : "░"));
  return cells.join("");
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
