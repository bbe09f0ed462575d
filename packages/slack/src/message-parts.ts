import type { SentPart } from "@core/registry";
import { escapeText } from "./escaped-text.ts";
import { splitText } from "./split-text.ts";

/** Slack keeps a text of this length in one message for certain; beyond it, it may cut by itself. */
export const MESSAGE_CHARACTERS = 4_000;

/** What is left for names before the text of the first part. */
const HEADING_CHARACTERS = 200;

const NAME_CHARACTERS = 80;

/**
 * The messages that a text becomes, in order. Where it is cut depends on the text alone, not on names, which may change
 * between two attempts: so a retry goes on exactly behind the last part. A text that has changed itself, such as by a
 * link in it, is told by the number of its parts.
 */
export function messageParts(text: string, delegatedBy: string | undefined): string[] {
  const parts = splitText(escapeText(text), MESSAGE_CHARACTERS - HEADING_CHARACTERS);
  const name = headingName(delegatedBy ?? "");
  return parts.map((part, index) => (index === 0 && name !== "" ? `_Delegated by ${name}_\n${part}` : part));
}

/** The first part under the name of a bot, where Slack does not let the app sign with it. */
export function namedPart(part: string, username: string): string {
  const name = headingName(username);
  return name === "" ? part : `*${name}*: ${part}`;
}

/** A name in one short line. */
function headingName(name: string): string {
  const line = name.replaceAll(/\s+/g, " ");
  return splitText(escapeText(line), NAME_CHARACTERS)[0] ?? "";
}

/** Whether a part that was posted belongs to another cut than the present one, so that those behind it may be missing. */
export function isCutOtherwise({ of }: Pick<SentPart, "of">, total: number): boolean {
  return of !== undefined && of !== total;
}
