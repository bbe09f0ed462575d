import { streamText } from "ai";
import type { AssistantModelMessage, LanguageModel, ModelMessage, ToolSet, TypedToolCall } from "ai";

/** One question to one model. */
export interface ModelQuestion {
  readonly model: LanguageModel;
  /** The system prompt. */
  readonly instructions: string | undefined;
  readonly messages: readonly ModelMessage[];
  readonly tools: ToolSet;
  readonly signal: AbortSignal;
  readonly onText: (delta: string) => void;
}

export interface ModelAnswer {
  /** What it said, to be sent along with the next question. */
  readonly messages: readonly AssistantModelMessage[];
  readonly toolCalls: readonly TypedToolCall<ToolSet>[];
  /** Null: the endpoint does not count. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Asks a model once and reads its answer to the end; throws what goes wrong on the way. No tool is run. */
export async function modelAnswer(question: ModelQuestion): Promise<ModelAnswer> {
  const { model, instructions, messages, tools, signal, onText } = question;
  const given = new AbortController();
  const result = streamText({
    model,
    ...(instructions === undefined ? {} : { instructions }),
    messages: [...messages],
    tools,
    maxRetries: 0,
    abortSignal: AbortSignal.any([signal, given.signal]),
    // Errors are parts of the stream; by default they would be printed as well.
    onError: () => undefined,
  });
  const toolCalls: TypedToolCall<ToolSet>[] = [];
  try {
    for await (const part of result.stream) {
      if (part.type === "text-delta") onText(part.text);
      else if (part.type === "tool-call") toolCalls.push(part);
      else if (part.type === "error") throw part.error;
    }
    signal.throwIfAborted();
    const { inputTokens, outputTokens } = await result.usage;
    const said = (await result.responseMessages).filter((message) => message.role === "assistant");
    return {
      messages: said,
      toolCalls,
      inputTokens: inputTokens ?? null,
      outputTokens: outputTokens ?? null,
    };
  } finally {
    // Ends the request where the answer was not read to its end.
    given.abort();
  }
}
