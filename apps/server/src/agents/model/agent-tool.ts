import type { JsonObject, JsonValue } from "@core/registry";

/** A tool that is offered to a model. */
export interface AgentTool {
  readonly name: string;
  readonly description: string;
  /** The JSON Schema of its arguments. */
  readonly parameters: JsonObject;
  /** Does the work; the arguments are the model's and not checked against the schema. What it throws is told to the model. */
  execute(args: JsonObject, options: { readonly signal: AbortSignal }): Promise<JsonValue>;
}
