import { WebAPIPlatformError } from "@slack/web-api";

/**
 * Whether Slack refused a message for its Markdown: because it does not know `markdown_text`, or could not make blocks
 * of it. It has posted nothing then, and takes the same as plain `text`.
 */
export function refusesMarkdown(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && isMarkdownRefusal(error.data.error);
}

/** The same of a refusal's code. */
export function isMarkdownRefusal(code: string): boolean {
  return REFUSALS.has(code);
}

const REFUSALS: ReadonlySet<string> = new Set([
  "no_text",
  "invalid_arguments",
  "invalid_arg_name",
  "markdown_text_conflict",
  "feature_not_enabled",
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "msg_too_long",
]);
