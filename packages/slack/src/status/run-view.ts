/** What is to be seen on a message of the runs that it has caused. */
export type RunView =
  | {
      readonly state: "working";
      /** Names of the tools that were called, in order, each once. */
      readonly tools: readonly string[];
    }
  | { readonly state: "done" | "failed" }
  /** Nothing is to be seen: it was cancelled, or nobody has said how it ended. */
  | { readonly state: "over" };

export const OVER: RunView = { state: "over" };

/** One run of several on the same message. */
export interface SeenRun {
  readonly state: RunView["state"];
  readonly tools: readonly string[];
}

/** As long as one works, they work; then the worst of their ends counts. */
export function viewOf(runs: readonly SeenRun[]): RunView {
  const working = runs.filter(({ state }) => state === "working");
  if (working.length > 0)
    return { state: "working", tools: [...new Set(working.flatMap((run) => run.tools))] };
  const state = (["failed", "done"] as const).find((end) => runs.some((run) => run.state === end));
  return state === undefined ? OVER : { state };
}
