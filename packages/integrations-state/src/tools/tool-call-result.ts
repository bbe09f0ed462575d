import type { JsonObject } from "@core/registry";
import type { ToolAnswer } from "./integration-tool.ts";

/** A tool's answer as the Model Context Protocol carries it. An alias, so that it fits types with an index signature. */
export type ToolCallResult = {
  content: { type: "text"; text: string }[];
  structuredContent?: JsonObject;
  isError?: true;
};

/** Writes an answer for the protocol: as JSON in a text for every client, and structured unless it is a fault. */
export function toolCallResult(answer: ToolAnswer): ToolCallResult {
  return answer.isError
    ? { content: [text(answer.fault)], isError: true }
    : { content: [text(answer.structuredContent)], structuredContent: answer.structuredContent };
}

function text(value: object): ToolCallResult["content"][number] {
  return { type: "text", text: JSON.stringify(value) };
}
