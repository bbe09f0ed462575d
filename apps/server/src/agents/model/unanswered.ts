import { AgentError, AgentRetry } from "../agent-error.ts";
import type { ModelFailure } from "./model-failure.ts";
import type { ModelRun } from "./model-run.ts";

const ANSWER_SHOWN = 2_000;

/** Tells the operator what an endpoint said, which the error of the run does not. */
export function logFailure({ settings, input }: ModelRun, failure: ModelFailure): void {
  const { code, model, status, message } = failure;
  const answer = settings.withoutKey(failure.answer).slice(0, ANSWER_SHOWN);
  settings.logger.warn({ task_id: input.task_id, code, model, status, answer }, message);
}

/**
 * The error of a run whose models did not answer. A failure that may pass weighs more than one that stays, and lets
 * the task run again as long as no tool has run.
 */
export function unanswered(run: ModelRun, failures: readonly ModelFailure[]): Error {
  const passing = failures.find(({ code }) => code === "AGENT_MODEL_UNAVAILABLE");
  const failure = passing ?? failures[0];
  if (failure === undefined) return new Error("A run asked no model.");
  const { code, status, retryAfterMs } = failure;
  const others = failures.filter((other) => other !== failure).map(({ model }) => `"${model}"`);
  const sentences = [
    failure.message,
    ...(others.length > 0 ? [`Other models failed too: ${others.join(", ")}.`] : []),
    ...(passing !== undefined && run.toolsRan
      ? ["The task does not run again by itself, because tools have run already."]
      : []),
  ];
  const error = { code, message: sentences.join(" "), details: { model: failure.model, status } };
  return passing !== undefined && !run.toolsRan
    ? new AgentRetry({ ...error, retryAfterMs })
    : new AgentError(error);
}
