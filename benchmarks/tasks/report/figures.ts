/** How a figure is shown, and which of two is better. */
export interface FigureKind {
  readonly title: string;
  /** After a figure that stands alone. */
  readonly unit?: string;
  readonly digits: number;
  readonly better: "more" | "less" | "neither";
}

export type FigureName =
  | "rate"
  | "tasks"
  | "kept"
  | "transactions"
  | "wal"
  | "cpu"
  | "p50"
  | "p99"
  | "freshP50"
  | "deadP50"
  | "slowdown"
  | "overlaps"
  | "disorder"
  | "emptyRate"
  | "fullRate"
  | "share";

export const figureKinds: Readonly<Record<FigureName, FigureKind>> = {
  rate: { title: "tasks/s", unit: "tasks/s", digits: 0, better: "more" },
  tasks: { title: "tasks done", digits: 0, better: "neither" },
  kept: { title: "share of the slots' time at work", digits: 3, better: "more" },
  transactions: { title: "transactions/task", digits: 4, better: "less" },
  wal: { title: "WAL bytes/task", digits: 0, better: "less" },
  cpu: { title: "Node CPU ms/task", digits: 4, better: "less" },
  p50: { title: "p50 ms", unit: "ms", digits: 2, better: "less" },
  p99: { title: "p99 ms", unit: "ms", digits: 2, better: "less" },
  freshP50: { title: "fresh p50 ms", digits: 2, better: "less" },
  deadP50: { title: "p50 ms with dead rows", digits: 2, better: "less" },
  slowdown: { title: "of the fresh value", digits: 2, better: "less" },
  overlaps: { title: "overlaps", digits: 0, better: "less" },
  disorder: { title: "out of order", digits: 0, better: "less" },
  emptyRate: { title: "tasks/s, empty table", digits: 0, better: "more" },
  fullRate: { title: "tasks/s, with history", digits: 0, better: "more" },
  share: { title: "of the empty table's rate", digits: 3, better: "more" },
};

/** With the digits of its kind, and thousands apart. */
export function shown(name: FigureName, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "";
  const { digits } = figureKinds[name];
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Ours divided by theirs, also where they are far apart. */
export function quotient(ours: number, theirs: number): string {
  const value = ours / theirs;
  return `${value < 0.1 ? value.toPrecision(2) : value.toFixed(2)}×`;
}
