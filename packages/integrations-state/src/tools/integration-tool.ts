import type { FieldIssue, JsonObject, Logger } from "@core/registry";
import { fieldIssues } from "@core/registry";
import type { z } from "zod";
import { invalidInput } from "../errors.ts";
import type { Integrations } from "../integrations.ts";
import type { ToolFault } from "./tool-fault.ts";
import { toolFault } from "./tool-fault.ts";

/** A tool for a model. Nothing that it answers holds a secret, or the path of an address. */
export interface IntegrationTool {
  readonly name: string;
  readonly title: string;
  /** For the model: what the tool does, and what it should know before it calls it. */
  readonly description: string;
  /** Standard Schemas that convert to JSON Schema. */
  readonly inputSchema: z.ZodObject;
  readonly outputSchema: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** Checks the arguments itself. Never rejects. */
  handler(args: unknown, options?: ToolCallOptions): Promise<ToolAnswer>;
}

/** The hints of the protocol. All are set, as those that are missing count as the worst. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface ToolCallOptions {
  readonly signal?: AbortSignal;
}

export type ToolAnswer =
  | { readonly isError: false; readonly structuredContent: JsonObject }
  | { readonly isError: true; readonly fault: ToolFault };

/** What the tools need of an instance. */
export type ToolIntegrations = Pick<
  Integrations,
  | "getIntegrationState"
  | "listWebhooks"
  | "registerWebhook"
  | "deleteWebhook"
  | "getGitAutoCommitConfig"
  | "setGitAutoCommitConfig"
  | "sendNotification"
  | "emitWebhookEvent"
>;

/** What the tools of one instance are made of. */
export interface ToolParts {
  readonly integrations: ToolIntegrations;
  readonly allowUrls: boolean;
  readonly logger: Logger;
}

/** A tool whose function gets checked arguments and may throw. What its output schema does not name is dropped. */
export interface ToolDefinition<Input extends z.ZodObject> extends Omit<
  IntegrationTool,
  "handler" | "inputSchema"
> {
  readonly inputSchema: Input;
  /** What did not happen when the arguments are wrong, such as `Nothing was sent.` */
  readonly refusal: string;
  /** Faults of the arguments that the schema does not tell. */
  readonly check?: (input: z.output<Input>) => readonly FieldIssue[];
  run(input: z.output<Input>, options: ToolCallOptions): Promise<object>;
}

/** Makes a tool of its definition. */
export function defineTool<Input extends z.ZodObject>(
  { refusal, check = () => [], run, ...tool }: ToolDefinition<Input>,
  logger: Logger,
): IntegrationTool {
  return {
    ...tool,
    async handler(args, options = {}) {
      try {
        const answer = await run(checked(args), options);
        return { isError: false, structuredContent: tool.outputSchema.parse(answer) as JsonObject };
      } catch (error) {
        return { isError: true, fault: toolFault(error, { tool: tool.name, logger }) };
      }
    },
  };

  function checked(args: unknown): z.output<Input> {
    const parsed = tool.inputSchema.safeParse(args ?? {});
    if (!parsed.success) throw invalidInput(refusal, fieldIssues(parsed.error.issues));
    const issues = check(parsed.data);
    if (issues.length > 0) throw invalidInput(refusal, issues);
    return parsed.data;
  }
}
