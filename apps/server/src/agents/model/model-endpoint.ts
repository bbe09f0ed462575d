import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModel } from "ai";

export interface ModelEndpointOptions {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly fetch: typeof fetch;
}

/** An endpoint that speaks OpenAI's chat completions, and gives a model by its name. */
export type ModelEndpoint = (model: string) => LanguageModel;

export const PROVIDER_ID = "openai-compatible";

/** The endpoint answered with something else than a stream of events. */
export class NotStreamedError extends Error {
  override readonly name = "NotStreamedError";
  readonly contentType: string;

  constructor(contentType: string) {
    super(`The endpoint answered with ${contentType}.`);
    this.contentType = contentType;
  }
}

export function createModelEndpoint({ baseUrl, apiKey, fetch }: ModelEndpointOptions): ModelEndpoint {
  return createOpenAICompatible({
    name: PROVIDER_ID,
    baseURL: baseUrl,
    ...(apiKey === null ? {} : { apiKey }),
    includeUsage: true,
    async fetch(input, init) {
      // A followed redirect would turn the POST into a GET, or take the prompt to where nobody sent it.
      const response = await fetch(input, { ...init, redirect: "manual" });
      const [contentType = ""] = (response.headers.get("content-type") ?? "").split(";");
      if (!response.ok || !/^(?:text\/html|application\/json)$/i.test(contentType)) return response;
      await response.body?.cancel();
      throw new NotStreamedError(contentType);
    },
  });
}
