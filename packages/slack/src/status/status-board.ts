import type { Clock, Logger } from "@core/registry";
import type { SlackOrigin } from "../slack-origin.ts";
import { messageKey } from "./run-book.ts";
import type { RunView } from "./run-view.ts";
import type { StatusEntry } from "./status-entry.ts";
import { createStatusEntry } from "./status-entry.ts";
import type { StatusNotes } from "./status-notes.ts";
import type { StatusPainter } from "./status-painter.ts";
import { createStatusStrokes } from "./status-strokes.ts";
import type { StatusTeam, StatusTeamOptions } from "./status-team.ts";
import { createStatusTeam } from "./status-team.ts";

export interface StatusBoardOptions {
  readonly painter: StatusPainter;
  readonly notes: StatusNotes;
  readonly budget: StatusTeamOptions["budget"];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps what messages show at what they should show, with as few calls as that takes. */
export interface StatusBoard {
  /** From now on this is to be seen; only the last word counts. Returns at once. */
  show(message: SlackOrigin, view: RunView): void;
  /** Takes away what an earlier process has left. */
  start(): Promise<void>;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
  /** Shows how runs have ended that nobody has been shown yet. What Slack's limits hold back is left to the next start. */
  stop(): Promise<void>;
}

/** What changes within this time is shown as one change. */
const COALESCE_MS = 500;

export function createStatusBoard(options: StatusBoardOptions): StatusBoard {
  const { painter, notes, clock } = options;
  const stroke = createStatusStrokes(options);
  const places = new Map<string, Place>();
  const teams = new Map<string, StatusTeam>();
  const underWay = new Set<Promise<void>>();

  return {
    show(message, view) {
      const place = placeOf(message);
      place.entry.view = view;
      schedule(place, COALESCE_MS);
    },
    async start() {
      for (const { name, ...message } of await notes.all()) {
        const place = placeOf(message);
        place.entry.keep(name, "passing");
        schedule(place, 0);
      }
    },
    settled,
    async stop() {
      for (const place of places.values()) {
        if (place.dueAt !== null && place.entry.view.state !== "working") wake(place);
      }
      await settled();
      for (const place of places.values()) place.cancelTimer();
      places.clear();
    },
  };

  async function settled(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  function placeOf(message: SlackOrigin): Place {
    const key = messageKey(message);
    const place = places.get(key) ?? newPlace(createStatusEntry(message, teamOf(message)));
    places.set(key, place);
    return place;
  }

  function teamOf({ installation }: SlackOrigin): StatusTeam {
    const key = installation ?? "";
    const team = teams.get(key) ?? createStatusTeam({ ...options, methods: painter.methods, installation });
    teams.set(key, team);
    return team;
  }

  function schedule(place: Place, delayMs: number): void {
    const dueAt = clock.now() + delayMs;
    if (place.dueAt !== null && place.dueAt <= dueAt) return;
    place.cancelTimer();
    place.dueAt = dueAt;
    place.cancelTimer = clock.after(delayMs, () => wake(place));
  }

  function wake(place: Place): void {
    place.cancelTimer();
    place.dueAt = null;
    if (place.isBusy) return;
    const work = bringUpToDate(place).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  /** One call at a time for a message, each chosen by what is to be seen at its moment. */
  async function bringUpToDate(place: Place): Promise<void> {
    const { entry } = place;
    place.isBusy = true;
    let waitMs: number | null = null;
    for (
      let step = entry.nextStep(painter);
      step !== null && waitMs === null;
      step = entry.nextStep(painter)
    ) {
      waitMs = await stroke(entry, step);
    }
    place.isBusy = false;
    if (waitMs !== null) schedule(place, waitMs);
    else if (entry.isOver()) places.delete(messageKey(entry.message));
  }
}

/** A message, and when it is looked at next. */
interface Place {
  readonly entry: StatusEntry;
  isBusy: boolean;
  dueAt: number | null;
  cancelTimer(): void;
}

function newPlace(entry: StatusEntry): Place {
  return { entry, isBusy: false, dueAt: null, cancelTimer: () => {} };
}
