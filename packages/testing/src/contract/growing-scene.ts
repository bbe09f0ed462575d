import { setImmediate } from "node:timers/promises";
import type { StreamSink } from "@core/registry";
import { parseTarget } from "@core/registry";
import type { OutboxDelivery } from "../outbox/outbox-delivery.ts";
import { ordinary } from "./arrival.ts";
import type { ReceiverScene, Scene } from "./scene.ts";
import { withReceiver } from "./scene.ts";
import { timesShown } from "./shown-messages.ts";

/** A scene with a target at which results grow. */
export interface GrowingScene extends ReceiverScene {
  /** Keeps the delivery of this result in the outbox. */
  writeResult(text: string): Promise<OutboxDelivery>;
}

/** Null when the dispatcher shows nothing before the end, and says so. */
export async function growingScene(scene: Scene): Promise<GrowingScene | null> {
  const { dispatcher, harness } = scene;
  if (dispatcher.stream === undefined) return null;
  for (const target of [harness.target, ...(harness.otherTargets ?? [])]) {
    const parsed = await parseTarget(dispatcher, target);
    if (!parsed.ok || dispatcher.streamsTo?.(parsed.target) === false) continue;
    return {
      ...withReceiver(scene),
      writeResult: (text) => scene.write({ ...ordinary(text), target }),
    };
  }
  throw scene.violation({
    expected: "a target at which results grow",
    seen: "`streamsTo` says no to all targets of the harness",
    advice: "Give the harness a target at which they do, or leave `stream` out.",
  });
}

/** The text of a result: as long as the subject has one, so that it may take several messages. */
export function resultOf({ subject }: Scene): string {
  return subject.longText ?? SHORT_TEXT;
}

const SHORT_TEXT = "Report 4711 is ready and has eleven pages in all of them";

/**
 * Lets a text grow. Once its beginning is shown, or `isOver` says that there is no use in waiting for that, the rest
 * follows a second apart; false when neither has come about.
 */
export async function growText(
  scene: GrowingScene,
  sink: StreamSink,
  text: string,
  isOver: () => boolean = () => false,
): Promise<boolean> {
  const [first = "", ...rest] = piecesOf(text);
  append(scene, sink, first);
  const [word = ""] = first.split(" ");
  if (!(await within(scene, async () => isOver() || (await timesShown(scene, word)) > 0))) return false;
  for (const piece of rest) {
    append(scene, sink, piece);
    await scene.clock.elapse(1_000);
  }
  return true;
}

function append(scene: Scene, sink: StreamSink, piece: string): void {
  try {
    sink.append(piece);
  } catch (error) {
    throw scene.violation({
      expected: "`append` returns at once and never throws",
      seen: `it threw ${String(error)}`,
      advice: "Keep what fails to yourself: `deliver` does the rest.",
    });
  }
}

const PIECES = 6;

function piecesOf(text: string): string[] {
  const length = Math.ceil(text.length / PIECES);
  return Array.from({ length: PIECES }, (_, index) => text.slice(index * length, (index + 1) * length));
}

/** A pause of this length, on the contract's clock, is one before the next call; a longer one waits for something else. */
const LONGEST_PACE_MS = 5_000;

/** Lets time pass until something is so; false when it is not within the subject's real time for what hangs. */
export async function within(scene: Scene, isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + (scene.subject.graceMs ?? 10_000);
  while (!(await isSo())) {
    if (performance.now() > end) return false;
    const [wait = Infinity] = scene.clock.waits();
    if (wait <= LONGEST_PACE_MS) await scene.clock.elapse(wait);
    else await setImmediate();
  }
  return true;
}
