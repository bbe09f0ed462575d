import type { ScenarioResult } from "../rounds.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { figureKinds, quotient, shown } from "./figures.ts";
import type { Verdict } from "./verdict.ts";

/** Rows of cells; the first column is text, the others are figures. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All figures of a scenario, a side per row; of each peer also what ours is of it. */
export function scenarioTable({ figures }: Scenario, { sides }: ScenarioResult): Table {
  const [first = "rate"] = figures;
  const own = sides.find(({ side }) => side === "ours")?.median;
  return {
    head: ["", ...figures.map((figure) => figureKinds[figure].title), "ours / it"],
    rows: sides.map(({ side, title, median, failures }) => [
      failures.length > 0 ? `${title} (${failures.length} failed)` : title,
      ...figures.map((figure) => shown(figure, median[figure])),
      side === "ours" ? "" : ofIt(own?.[first], median[first]),
    ]),
  };
}

/** Every goal with what came of it. */
export function goalTable(verdicts: readonly Verdict[]): Table {
  return {
    head: ["", "ours", "better peer", "ours / it", "goal", "floor", "reached"],
    rows: verdicts.map(({ title, figure, ours, peer, goal, floor, reached, better }) => [
      title,
      `${shown(figure, ours)} ${figureKinds[figure].unit ?? ""}`.trim(),
      peer === null ? "itself" : `${shown(figure, peer.value)} (${peer.title})`,
      peer === null ? "" : quotient(ours, peer.value),
      `${better === "more" ? "≥" : "≤"} ${goal}`,
      `${better === "more" ? "≥" : "≤"} ${floor}`,
      { goal: "goal", floor: "floor", neither: "**neither**" }[reached],
    ]),
  };
}

/** For a terminal. */
export function toText({ head, rows }: Table): string {
  return aligned([head, ...rows])
    .map((cells) => cells.join("  ").trimEnd().replaceAll("**", ""))
    .join("\n");
}

export function toMarkdown({ head, rows }: Table): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return aligned([head, rule, ...rows])
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function aligned(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
}

function ofIt(ours: number | undefined, theirs: number | undefined): string {
  return ours === undefined || theirs === undefined ? "" : quotient(ours, theirs);
}
