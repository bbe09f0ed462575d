import type { Step, ToolStep } from "./script.ts";

/** The steps up to the next tools, and those tools. */
export interface Turn {
  readonly steps: readonly Exclude<Step, ToolStep>[];
  readonly tools: readonly ToolStep[];
  /** Whether it stands for a call of the model: it says something or asks for a tool. */
  readonly asksModel: boolean;
}

/** The turns of a scene, as a model would have taken them. */
export function turnsOf(steps: readonly Step[]): readonly Turn[] {
  const turns: { readonly steps: Exclude<Step, ToolStep>[]; readonly tools: ToolStep[] }[] = [];
  for (const step of steps) {
    let turn = turns.at(-1);
    if (turn === undefined || (turn.tools.length > 0 && !("tool" in step))) {
      turn = { steps: [], tools: [] };
      turns.push(turn);
    }
    if ("tool" in step) turn.tools.push(step);
    else turn.steps.push(step);
  }
  return turns.map((turn) => ({
    ...turn,
    asksModel: turn.tools.length > 0 || turn.steps.some((step) => "text" in step),
  }));
}
