import { permanent, skipped } from "@core/registry";
import type { Delivery, DeliveryOutcome, DeliveryPayloads, TaskResult } from "@core/registry";
import type { TextLanguage } from "./message-parts.ts";
import { splitText } from "./split-text.ts";

/** The text that a delivery says in Slack, or the outcome of one that has nothing to say there. */
export function deliveryText(delivery: Delivery): string | DeliveryOutcome {
  switch (delivery.kind) {
    case "task_result":
    case "child_result":
      return unlessBlank(resultText(delivery.payload.result), "The result is empty.");
    case "task_error":
      return errorText(delivery.payload.error);
    case "message":
    case "mirror":
      return unlessBlank(delivery.payload.text, "The message is empty.");
    default:
      return unsupported(delivery.kind);
  }
}

/** What the text is written in: agents write Markdown, and a failure means what it says. */
export function deliveryLanguage({ kind }: Delivery): TextLanguage {
  return kind === "task_error" ? "none" : "markdown";
}

function unlessBlank(text: string, reason: string): string | DeliveryOutcome {
  return text.trim() === "" ? skipped(reason) : text;
}

/** Files reach Slack as links in the text; where nobody has put any there, their names are better than silence. */
function resultText({ text, files }: TaskResult): string {
  if (text.trim() !== "" || files.length === 0) return text;
  const names = files.map(({ name }) => name).join(", ");
  return files.length === 1
    ? `The result is a file: ${names}`
    : `The result is ${files.length} files: ${names}`;
}

const ERROR_CHARACTERS = 500;

function errorText({ code, message }: DeliveryPayloads["task_error"]["error"]): string {
  const sentence = `The task failed (${code}): ${message}`;
  if (sentence.length <= ERROR_CHARACTERS) return sentence;
  const [beginning = ""] = splitText(sentence, ERROR_CHARACTERS - 1);
  return `${beginning}…`;
}

function unsupported(kind: string): DeliveryOutcome {
  return permanent({
    code: "kind_unsupported",
    message: `Slack has no form for deliveries of kind "${kind}". Choose another dispatch type for them.`,
  });
}
