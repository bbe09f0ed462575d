import { IntegrationsError } from "../errors.ts";
import type { StatePlace } from "./state-place.ts";

/** Names the file to which an error of reading its content belongs. */
export function inFile(path: string, error: unknown): unknown {
  if (!(error instanceof IntegrationsError)) return error;
  const { code, message, details } = error;
  return new IntegrationsError({
    code,
    message: `${path}: ${message}`,
    details: { ...details, path },
    cause: error,
  });
}

export function isDamage(error: unknown): error is IntegrationsError {
  return error instanceof IntegrationsError && error.code === "STATE_CORRUPT";
}

/** Nothing here can be read, and nothing is written over it. `damage` is null where only the last good copy is there. */
export function beyondRepair(
  place: StatePlace,
  damage: IntegrationsError | null,
  lastGood: string,
): IntegrationsError {
  const state = damage === null ? "is missing" : "cannot be read";
  return new IntegrationsError({
    code: "STATE_CORRUPT",
    message:
      `The integrations state ${place.state} ${state}, and its last good copy ${place.lastGood} ${lastGood}. ` +
      "Nothing was changed. Mend the state or put an earlier copy in its place; to begin anew, move both away.",
    details: { ...damage?.details, path: place.state, last_good_path: place.lastGood },
    cause: damage,
  });
}

/** Tells that the last good copy is used in place of the state, and where a damaged state was put. */
export function restoration(
  place: StatePlace,
  damage: IntegrationsError | null,
  keptAs: string | null = null,
): IntegrationsError {
  const state = damage === null ? "is missing" : "cannot be read";
  const kept = keptAs === null ? "" : ` What stood there is kept as ${keptAs}.`;
  return new IntegrationsError({
    code: "STATE_CORRUPT",
    message:
      `The integrations state ${place.state} ${state}; its last good copy is used in its place.${kept} ` +
      "What was stored after that copy is not in it: look through the webhooks and destinations.",
    details: { ...damage?.details, path: place.state, last_good_path: place.lastGood, kept_as: keptAs },
    cause: damage,
  });
}
