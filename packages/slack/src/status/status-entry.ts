import type { SlackOrigin } from "../slack-origin.ts";
import type { RunView } from "./run-view.ts";
import { OVER } from "./run-view.ts";
import type { StatusPainter } from "./status-painter.ts";
import type { StatusTeam } from "./status-team.ts";

/** `passing`: it has to be taken away in the end. */
type StatusKind = "passing" | "lasting";

/** What one message shows, and what it is to show. */
export interface StatusEntry {
  readonly message: SlackOrigin;
  readonly team: StatusTeam;
  view: RunView;
  /** How often in a row something could not be taken away. */
  failures: number;
  /** Whether nothing is left to be done for it. */
  isOver(): boolean;
  /** What to do next; null when the message shows what it should. */
  nextStep(painter: StatusPainter): StatusStep | null;
  /** It is there, or will be. */
  keep(name: string, kind: StatusKind): void;
  /** It is not there any more. */
  drop(name: string): void;
  /** It is not there, and is not tried again. */
  leaveOut(name: string): void;
}

export interface StatusStep {
  readonly action: "set" | "clear";
  readonly name: string;
  readonly kind: StatusKind;
}

export function createStatusEntry(message: SlackOrigin, team: StatusTeam): StatusEntry {
  const shown = new Map<string, StatusKind>();
  const leftOut = new Set<string>();
  const entry: StatusEntry = {
    message,
    team,
    view: OVER,
    failures: 0,
    isOver: () => entry.view.state !== "working" && ![...shown.values()].includes("passing"),
    nextStep(painter) {
      const wanted = wantedSteps(painter, entry.view);
      const missing = wanted.find(({ name }) => !shown.has(name) && !leftOut.has(name));
      if (missing !== undefined) return missing;
      const surplus = [...shown].find(([name]) => !wanted.some((step) => step.name === name));
      return surplus === undefined ? null : { action: "clear", name: surplus[0], kind: surplus[1] };
    },
    keep(name, kind) {
      if (shown.has(name)) return;
      shown.set(name, kind);
      if (kind === "passing") team.outstanding += 1;
    },
    drop(name) {
      if (shown.get(name) === "passing") team.outstanding -= 1;
      shown.delete(name);
    },
    leaveOut(name) {
      entry.drop(name);
      leftOut.add(name);
    },
  };
  return entry;
}

function wantedSteps(painter: StatusPainter, view: RunView): readonly StatusStep[] {
  const passing = painter.passing(view).map((name) => ({ name, kind: "passing" as const }));
  const lasting = painter.lasting(view).map((name) => ({ name, kind: "lasting" as const }));
  return [...passing, ...lasting].map((step) => ({ action: "set", ...step }));
}
