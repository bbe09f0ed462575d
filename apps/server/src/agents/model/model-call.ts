import type { ModelAnswer } from "./model-answer.ts";
import { modelAnswer } from "./model-answer.ts";
import { PROVIDER_ID } from "./model-endpoint.ts";
import { modelFailure } from "./model-failure.ts";
import type { ModelFailure } from "./model-failure.ts";
import type { ModelRun } from "./model-run.ts";
import { offeredTools } from "./tool-calls.ts";
import { logFailure, unanswered } from "./unanswered.ts";

/**
 * Asks the model of a run; while none of them has said anything, the fallback models in order. Told as one call, which
 * has no end when no model answers.
 * @throws AgentRetry or AgentError when no model answers
 */
export async function callModel(run: ModelRun): Promise<ModelAnswer> {
  const { settings, runOptions, models } = run;
  run.iteration += 1;
  runOptions.onEvent({
    type: "llm_start",
    model: nameAt(run, run.current),
    provider_id: PROVIDER_ID,
    message_count: run.messages.length + (run.instructions === undefined ? 0 : 1),
    tools_count: run.tools.length,
    iteration: run.iteration,
  });
  const startedAt = settings.clock.now();
  const said = run.text;
  const failures: ModelFailure[] = [];
  for (; run.current < models.length; run.current += 1) {
    const answer = await askOne(run, failures);
    if (answer !== null) {
      tellEnd(run, answer, Math.max(0, settings.clock.now() - startedAt));
      return answer;
    }
    if (run.text !== said) break;
  }
  throw unanswered(run, failures);
}

function nameAt({ models }: ModelRun, index: number): string {
  return models[index] ?? "";
}

/** Null: it failed, and why is among the failures. */
async function askOne(run: ModelRun, failures: ModelFailure[]): Promise<ModelAnswer | null> {
  const { settings, runOptions, messages, instructions } = run;
  const { signal } = runOptions;
  const name = nameAt(run, run.current);
  const before = run.text;
  try {
    return await modelAnswer({
      model: settings.endpoint(name),
      instructions,
      messages,
      tools: offeredTools(run.tools),
      signal,
      onText: (said) => say(run, before, said),
    });
  } catch (error) {
    signal.throwIfAborted();
    const failure = modelFailure(error, name, settings.clock.now());
    failures.push(failure);
    logFailure(run, failure);
    return null;
  }
}

/** What is said after tools begins a paragraph of its own. */
function say(run: ModelRun, before: string, said: string): void {
  const isFirst = run.text === before && before !== "" && !before.endsWith("\n");
  const delta = isFirst ? `\n\n${said}` : said;
  run.text += delta;
  run.runOptions.onEvent({ type: "text", delta });
}

function tellEnd(run: ModelRun, { inputTokens, outputTokens }: ModelAnswer, duration_ms: number): void {
  const model = nameAt(run, run.current);
  const input_tokens = inputTokens ?? 0;
  const output_tokens = outputTokens ?? 0;
  if (inputTokens !== null || outputTokens !== null) {
    run.usage = {
      input_tokens: (run.usage?.input_tokens ?? 0) + input_tokens,
      output_tokens: (run.usage?.output_tokens ?? 0) + output_tokens,
    };
  }
  const { iteration } = run;
  const fallback_from = run.current === 0 ? null : nameAt(run, 0);
  run.runOptions.onEvent({
    type: "llm_end",
    model,
    duration_ms,
    input_tokens,
    output_tokens,
    iteration,
    fallback_from,
  });
}
