import type { ScenarioResult, SideResult } from "../rounds.ts";
import { figureKinds, type FigureName } from "./figures.ts";
import { goals, type Goal } from "./goals.ts";

/** How ours stands to one goal. */
export interface Verdict extends Goal {
  readonly ours: number;
  /** The better peer, where ours is judged against one. */
  readonly peer: { readonly title: string; readonly value: number } | null;
  /** What is judged: ours divided by the peer, or ours itself. */
  readonly ratio: number;
  readonly reached: "goal" | "floor" | "neither";
}

/** Of those goals whose scenario has figures. */
export function judge(results: readonly ScenarioResult[]): readonly Verdict[] {
  return goals.flatMap((goal) => {
    const sides = results.find(({ scenario }) => scenario === goal.scenario)?.sides ?? [];
    return judgeOne(goal, sides) ?? [];
  });
}

function judgeOne(goal: Goal, sides: readonly SideResult[]): Verdict | null {
  const own = sides.find(({ side }) => side === "ours")?.median;
  const ours = own?.[goal.figure];
  if (own === undefined || ours === undefined) return null;
  const peer = bestPeer(goal, sides);
  if (peer === null && goal.against.length > 0) return null;
  const ratio = peer === null ? ours : ours / peer.value;
  const isSound = (goal.zero ?? []).every((figure) => own[figure] === 0);
  const reaches = (mark: number): boolean =>
    isSound && (goal.better === "more" ? ratio >= mark : ratio <= mark);
  const reached = reaches(goal.goal) ? "goal" : reaches(goal.floor) ? "floor" : "neither";
  return { ...goal, ours, peer, ratio, reached };
}

function bestPeer({ figure, against, zero = [] }: Goal, sides: readonly SideResult[]): Verdict["peer"] {
  const measured = sides.filter(({ side, median }) => against.includes(side) && median[figure] !== undefined);
  const sound = measured.filter(({ median }) => zero.every((other) => median[other] === 0));
  const [best] = ranked(sound.length > 0 ? sound : measured, figure);
  const value = best?.median[figure];
  return best === undefined || value === undefined ? null : { title: best.title, value };
}

/** Best first. */
function ranked(sides: readonly SideResult[], figure: FigureName): readonly SideResult[] {
  const sign = figureKinds[figure].better === "less" ? 1 : -1;
  return sides.toSorted((a, b) => sign * ((a.median[figure] ?? 0) - (b.median[figure] ?? 0)));
}

/** Where a peer is better than ours, in any figure of any scenario. */
export interface Loss {
  readonly scenario: string;
  readonly figure: FigureName;
  readonly ours: number;
  readonly peer: { readonly title: string; readonly value: number };
}

export function findLosses(results: readonly ScenarioResult[]): readonly Loss[] {
  return results.flatMap(({ scenario, sides }) => {
    const own = sides.find(({ side }) => side === "ours")?.median ?? {};
    return (Object.keys(own) as FigureName[]).flatMap((figure) => {
      const peers = sides.filter(({ side, median }) => side !== "ours" && median[figure] !== undefined);
      const [best] = ranked(peers, figure);
      const value = best?.median[figure];
      const ours = own[figure];
      if (best === undefined || value === undefined || ours === undefined) return [];
      return isWorse(figure, ours, value)
        ? [{ scenario, figure, ours, peer: { title: best.title, value } }]
        : [];
    });
  });
}

function isWorse(figure: FigureName, ours: number, theirs: number): boolean {
  const { better } = figureKinds[figure];
  return better === "neither" ? false : better === "more" ? ours < theirs : ours > theirs;
}
