import type { SentPart } from "@core/registry";
import type { Fault } from "../faults/fault-plan.ts";
import type { OutboxDelivery } from "../outbox/outbox-delivery.ts";
import { arrivalsIn } from "./account.ts";
import { demandFault } from "./arrival.ts";
import type { Finding } from "./contract-check.ts";
import type { OpenGrowing } from "./grown-result.ts";
import { demandResult, growWhole, hasEnded, isGrowing } from "./grown-result.ts";
import type { GrowingScene } from "./growing-scene.ts";
import { growingScene, growText, resultOf, within } from "./growing-scene.ts";
import type { Scene } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";

/** What becomes of a result that is shown while it grows. Whoever has no `stream` keeps all of it. */
export const streamChecks: readonly SceneCheck[] = [
  streamCheck("a result that grows is shown before it is whole", showsBeginning),
  streamCheck("what has grown ends as if it were sent at once", endsAsSentAtOnce),
  streamCheck("what has grown into something else than the result is put right", isPutRight),
  streamCheck("a stream that is broken off ends, and nothing follows it", endsWhenBrokenOff),
  streamCheck("after a crash at any note of a stream, the result is there once", survivesCrashes),
  streamCheck("after any lost answer of a stream, the result is there once", survivesLostAnswers),
  streamCheck("when the receiver refuses a stream (503), the result is there once", survivesRefusals),
];

function streamCheck(name: string, check: (open: OpenGrowing) => Promise<void>): SceneCheck {
  const play = async (open: () => Promise<Scene>): Promise<void> => {
    let first = await growingScene(await open());
    if (first === null) return;
    await check(async () => {
      const scene = first ?? (await growingScene(await open()));
      first = null;
      if (scene === null) throw new Error("The harness gives dispatchers with and without `stream`.");
      return scene;
    });
  };
  return { name, play };
}

async function showsBeginning(open: OpenGrowing): Promise<void> {
  const scene = await open();
  const { stream = false, edit = false } = scene.dispatcher.capabilities ?? {};
  const row = await scene.writeResult(resultOf(scene));
  const sink = row.stream();
  const isShown = await growText(scene, sink, resultOf(scene));
  await hasEnded(scene, sink.finish());
  if (isShown && (stream || edit)) return;
  throw scene.violation({
    expected: "the beginning is shown soon, and `capabilities` has `stream` or `edit`",
    seen: `the beginning was ${isShown ? "" : "not "}shown; stream: ${stream}, edit: ${edit}`,
    advice:
      "Show what `append` was given, after a few seconds of `context.clock` at the latest, and declare it.",
  });
}

async function endsAsSentAtOnce(open: OpenGrowing): Promise<void> {
  const scene = await open();
  const row = await scene.writeResult(resultOf(scene));
  await growWhole(scene, row);
  await demandResult(open, scene, await row.settle(), KEEP_OR_CHANGE);
}

const KEEP_OR_CHANGE =
  "Note each message with `partSent`, and what it `shows`. Let `deliver` leave what is right, change what is not, and send what is missing.";

async function isPutRight(open: OpenGrowing): Promise<void> {
  const scene = await open();
  const row = await scene.writeResult(resultOf(scene));
  await growWhole(scene, row, `Unlike ${resultOf(scene).toUpperCase()}`);
  await demandResult(open, scene, await row.settle(), KEEP_OR_CHANGE);
}

async function endsWhenBrokenOff(open: OpenGrowing): Promise<void> {
  const scene = await open();
  const { faults } = scene.receiver;
  const stop = new AbortController();
  const row = await scene.writeResult(resultOf(scene));
  const sink = row.stream({ signal: stop.signal });
  await growText(scene, sink, resultOf(scene));
  stop.abort(new Error("The task was cancelled."));
  const isOver = await hasEnded(scene, sink.finish());
  const requests = faults.seen();
  sink.append(" And one thing more.");
  await scene.clock.elapse(60_000);
  const more = faults.seen() - requests;
  const isOpen = await isGrowing(scene);
  if (!isOver || isOpen || more > 0) {
    throw scene.violation({
      expected: "`finish` resolves, closes what is open, and nothing is sent behind it",
      seen: `it ${isOver ? "resolved" : "did not resolve"}; messages still open: ${isOpen}; ${more} requests behind it; ${await arrivalsIn(scene)}`,
      advice:
        "Close in `finish`, by requests that the aborted signal does not end, and ignore every `append` from then on.",
    });
  }
  await demandResult(open, scene, await row.settle(), KEEP_OR_CHANGE);
}

/** Plays once for every note at which the process can die, before it is stored and behind that. */
async function survivesCrashes(open: OpenGrowing): Promise<void> {
  for (const isStored of [true, false]) {
    for (let index = 0; index < MOST_CRASHES; index += 1) {
      const scene = await open();
      const row = await scene.writeResult(resultOf(scene));
      if (!(await dieAtNote(scene, row, { index, isStored }))) {
        if (index === 0) throw scene.violation(NOTHING_NOTED);
        break;
      }
      row.takenOverBy((await scene.harness.restart?.()) ?? scene.dispatcher);
      await demandResult(open, scene, await row.settle(), NOTE_BEFORE);
    }
  }
}

const MOST_CRASHES = 8;

const NOTHING_NOTED: Finding = {
  expected: "`context.partSent` is called for each message that is shown while the result grows",
  seen: "it was not called",
  advice: "Call and await it before a message is begun, and once more when it is known.",
};

const NOTE_BEFORE =
  "Note a part with `partSent` before it is begun, and await that. Let `deliver` look for what was noted and is not known, by the delivery's id or by its place.";

/** Streams in a process that dies at this note; false when there is none such. */
async function dieAtNote(
  scene: GrowingScene,
  row: OutboxDelivery,
  { index, isStored }: { readonly index: number; readonly isStored: boolean },
): Promise<boolean> {
  let notes = 0;
  let isDead = false;
  const partSent = async (part: SentPart, keep: (part: SentPart) => void): Promise<void> => {
    const isLast = notes === index;
    notes += 1;
    if (!isDead && (!isLast || isStored)) keep(part);
    isDead ||= isLast;
    if (isDead) await new Promise(() => {});
  };
  const sink = row.stream({ partSent });
  await growText(scene, sink, resultOf(scene), () => isDead);
  if (!isDead) await Promise.race([hasEnded(scene, sink.finish()), within(scene, () => isDead)]);
  return isDead;
}

async function survivesLostAnswers(open: OpenGrowing): Promise<void> {
  for (const fault of ["drop_before", "drop_after"] as const) {
    for (const skip of [0, 1, 2]) await surviveFault(open, fault, skip);
  }
}

async function survivesRefusals(open: OpenGrowing): Promise<void> {
  for (const skip of [0, 1]) await surviveFault(open, { status: 503 }, skip);
}

async function surviveFault(open: OpenGrowing, fault: Fault, skip: number): Promise<void> {
  const scene = await open();
  scene.receiver.faults.inject(fault, { skip });
  const row = await scene.writeResult(resultOf(scene));
  await growWhole(scene, row);
  const settled = await row.settle();
  // Whoever needs a single request for all of it meets the first fault alone.
  if (skip === 0) await demandFault(scene);
  await demandResult(open, scene, settled, NOTE_BEFORE);
}
