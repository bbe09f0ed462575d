import { isDeepStrictEqual } from "node:util";
import type { FieldIssue, TargetResult } from "@core/registry";
import { parseTarget, readStoredTarget } from "@core/registry";
import type { Scene } from "./scene.ts";
import { targetRefused } from "./scene.ts";
import type { SceneCheck } from "./scene-check.ts";
import { sceneCheck } from "./scene-check.ts";

/** What a dispatcher says of its targets. */
export const targetChecks: readonly SceneCheck[] = [
  sceneCheck("a valid target is accepted, and reads the same once it is stored", readsTheSame),
  sceneCheck("a target with a field that does not exist is refused", refusesUnknownFields),
  sceneCheck("a target with a secret in it is refused", refusesSecrets),
  sceneCheck("an invalid target is refused, and the issue names the field", refusesInvalidTargets),
  sceneCheck("the same target always has the same order key", ordersTheSame),
];

async function readsTheSame(scene: Scene): Promise<void> {
  for (const target of validTargets(scene)) {
    const parsed = await accepted(scene, target);
    const read = await readStoredTarget(scene.dispatcher, stored(parsed));
    if (read.ok && isDeepStrictEqual(withoutUndefined(read.target), withoutUndefined(parsed))) continue;
    throw scene.violation({
      expected: `the stored target reads as it was written, ${JSON.stringify(parsed)}`,
      seen: read.ok ? JSON.stringify(read.target) : refusal(read.issues),
      advice:
        "Let `target` give plain JSON, without dates, maps and class instances, and let `storedTarget`, if there is one, accept it.",
    });
  }
}

async function refusesUnknownFields(scene: Scene): Promise<void> {
  const result = await parsedWith(scene, { [UNKNOWN_FIELD]: "x" });
  if (!result.ok && JSON.stringify(result.issues).includes(UNKNOWN_FIELD)) return;
  throw scene.violation({
    expected: `a target with the field "${UNKNOWN_FIELD}" is refused, and the issue names it`,
    seen: result.ok ? "it is accepted" : refusal(result.issues),
    advice: "Make the target schema strict (in Zod: z.strictObject), so that a misspelt field is noticed.",
  });
}

const UNKNOWN_FIELD = "no_such_field";

async function refusesSecrets(scene: Scene): Promise<void> {
  const result = await parsedWith(scene, { token: "x" });
  if (!result.ok) return;
  throw scene.violation({
    expected: 'a target with the field "token" is refused',
    seen: "it is accepted",
    advice: "Keep secrets out of targets: name an installation, and resolve its secret when sending.",
  });
}

async function refusesInvalidTargets(scene: Scene): Promise<void> {
  for (const target of scene.harness.invalidTargets ?? []) {
    const result = await parseTarget(scene.dispatcher, target);
    if (!result.ok && result.issues.some(({ field }) => field !== "")) continue;
    throw scene.violation({
      expected: `${JSON.stringify(target)} is refused, and an issue names the field`,
      seen: result.ok ? "it is accepted" : refusal(result.issues),
      advice: "Let the target schema check every field, and let each issue have the `path` of its field.",
    });
  }
}

async function ordersTheSame(scene: Scene): Promise<void> {
  for (const target of validTargets(scene)) {
    const parsed = await accepted(scene, target);
    const keys = [parsed, parsed, stored(parsed)].map((one) => scene.dispatcher.orderKey?.(one) ?? null);
    const [key] = keys;
    if (key !== "" && new Set(keys).size === 1) continue;
    throw scene.violation({
      expected: "one text that is not empty, or null, however often it is asked",
      seen: keys.map((one) => JSON.stringify(one)).join(", "),
      advice: "Make `orderKey` of the target's fields alone, such as its channel and thread.",
    });
  }
}

function validTargets({ harness }: Scene): readonly unknown[] {
  return [harness.target, ...(harness.otherTargets ?? [])];
}

async function accepted(scene: Scene, target: unknown): Promise<unknown> {
  const parsed = await parseTarget(scene.dispatcher, target);
  if (!parsed.ok) throw scene.violation(targetRefused(parsed.issues));
  return parsed.target;
}

function parsedWith({ dispatcher, harness }: Scene, fields: object): Promise<TargetResult> {
  return parseTarget(dispatcher, { ...(harness.target as object | undefined), ...fields });
}

function refusal(issues: readonly FieldIssue[]): string {
  return `refused with ${JSON.stringify(issues)}`;
}

/** As it comes back from a database. */
function stored(target: unknown): unknown {
  return target === undefined ? undefined : JSON.parse(JSON.stringify(target));
}

/** JSON leaves such fields out; all else must survive it. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutUndefined(one)]));
}
