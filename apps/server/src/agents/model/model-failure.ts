import { parseRetryAfter } from "@core/outbound";
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  StreamProviderError,
  TypeValidationError,
} from "ai";
import { NotStreamedError } from "./model-endpoint.ts";

/** Why a model did not answer. */
export interface ModelFailure {
  readonly code: "AGENT_MODEL_ANSWER_INVALID" | "AGENT_MODEL_REFUSED" | "AGENT_MODEL_UNAVAILABLE";
  /** Travels to whom the task's end is delivered, so it repeats nothing that the endpoint said. */
  readonly message: string;
  readonly model: string;
  /** The HTTP status, or the one that the endpoint names within its stream. */
  readonly status: number | null;
  /** What the endpoint said, for the operator. */
  readonly answer: string;
  /** How long the endpoint asked to be left alone. */
  readonly retryAfterMs: number;
}

/** Reads what a call of a model threw or streamed as an error. */
export function modelFailure(error: unknown, model: string, nowMs: number): ModelFailure {
  const said: Said = {
    model,
    status: null,
    answer: error instanceof Error ? error.message : String(error),
    retryAfterMs: 0,
  };
  if (error instanceof NotStreamedError) {
    const message = `The endpoint of the model "${model}" answered with ${error.contentType} instead of a stream of events. Set AGENT_BASE_URL to where its API begins, such as https://api.example.org/v1.`;
    return { ...said, code: "AGENT_MODEL_ANSWER_INVALID", message };
  }
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) {
    const message = `The endpoint of the model "${model}" answered with something that is no chat completion. Check that AGENT_BASE_URL names an API that is compatible with OpenAI's.`;
    return { ...said, code: "AGENT_MODEL_ANSWER_INVALID", message };
  }
  if (StreamProviderError.isInstance(error)) {
    const { statusCode: status } = error;
    if (status !== undefined) return failureOfStatus(status, { ...said, status });
    return unavailable(`The model "${model}" failed while it answered.`, said);
  }
  if (InvalidResponseDataError.isInstance(error)) return brokeOff(said);
  if (APICallError.isInstance(error)) return failureOfCall(error, model, nowMs);
  return unavailable(`The model "${model}" could not be asked.`, said);
}

type Said = Pick<ModelFailure, "model" | "status" | "answer" | "retryAfterMs">;

function failureOfCall(error: APICallError, model: string, nowMs: number): ModelFailure {
  const { statusCode, responseBody = "", responseHeaders, message } = error;
  const answer = responseBody === "" ? message : responseBody;
  const said: Said = { model, status: null, answer, retryAfterMs: 0 };
  if (statusCode === undefined) {
    const why = `cannot be reached (${codeOf(error) ?? "no answer"}). Check AGENT_BASE_URL.`;
    return unavailable(`The endpoint of the model "${model}" ${why}`, said);
  }
  if (statusCode < 300) return brokeOff(said);
  const retryAfterMs = parseRetryAfter(responseHeaders?.["retry-after"], nowMs) ?? 0;
  return failureOfStatus(statusCode, { ...said, status: statusCode, retryAfterMs });
}

function failureOfStatus(status: number, said: Said): ModelFailure {
  const endpoint = `The endpoint of the model "${said.model}"`;
  if (status === 429) return unavailable(`${endpoint} is busy (429).`, said);
  if ([408, 409, 425].includes(status) || status >= 500) {
    return unavailable(`${endpoint} failed (${status}).`, said);
  }
  const message = `${endpoint} refused the request (${status}). ${whatToCheck(status)}`;
  return { ...said, code: "AGENT_MODEL_REFUSED", message };
}

function whatToCheck(status: number): string {
  if (status < 400) return "It has moved: set AGENT_BASE_URL to its new address.";
  if (status === 401 || status === 403) return "Check AGENT_API_KEY.";
  if (status === 404) return "Check AGENT_MODEL or the task's own models, and AGENT_BASE_URL.";
  return "The server's log has its answer.";
}

function brokeOff(said: Said): ModelFailure {
  return unavailable(`The answer of the model "${said.model}" broke off.`, said);
}

function unavailable(message: string, said: Said): ModelFailure {
  return { ...said, code: "AGENT_MODEL_UNAVAILABLE", message };
}

/** The first code among the causes, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return null;
}
