import { IntegrationsError } from "../errors.ts";

export function lockTimedOut(path: string, ms: number): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_LOCK_TIMEOUT",
    message:
      `The integrations state ${path} was not changed: it was somebody else's turn for ${ms} ms. ` +
      "Try again; if it stays so, look for a process that was stopped while it wrote, or for a disk that hangs.",
    retryable: true,
    details: { path, timeout_ms: ms },
  });
}

export function mutatorTimedOut(path: string, ms: number): IntegrationsError {
  return new IntegrationsError({
    code: "STATE_MUTATOR_TIMEOUT",
    message:
      `The integrations state ${path} was not changed: the mutator did not end within ${ms} ms, and nobody else can ` +
      "write meanwhile. Do what takes time before the update, and await no other update within it.",
    details: { path, timeout_ms: ms },
  });
}
