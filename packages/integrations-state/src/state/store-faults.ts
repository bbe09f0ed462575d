import { IntegrationsError } from "../errors.ts";

export function storeClosed(): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_CLOSED",
    message: "The store of the integrations state is closed. Open another one.",
  });
}

export function nestedUpdate(): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_UPDATE_NESTED",
    message:
      "An update was begun inside the mutator of another one and would wait for itself. " +
      "Change the state that the mutator was given.",
  });
}

export function mutatorTimedOut(ms: number): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_MUTATOR_TIMEOUT",
    message:
      `The integrations state was not changed: the mutator did not end within ${ms} ms, and nobody else can write ` +
      "meanwhile. Do what takes time before the update.",
    details: { timeout_ms: ms },
  });
}
