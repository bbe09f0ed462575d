import type { InlineCode } from "./document.ts";

/** How Slack's mentions, dates and links begin. */
const TOKENS =
  /<(?=!(?:channel|here|everyone|group|subteam\^|date\^)|@[UWBST]|#[CDG]|(?:https?|mailto|tel|slack):)/gi;

/**
 * Code in which Slack finds no token of its own. Whether entities are decoded in code is nowhere written, so a space
 * without width parts the tokens, and all other code stays as it is.
 */
export function defusedCode(code: string): string {
  return code.replaceAll(TOKENS, "<\u200b");
}

/** Code within a line. Lines in it are shown as one anyway, and might begin blocks where they begin. */
export function inlineCodeNode(code: string): InlineCode {
  return { type: "inlineCode", value: defusedCode(code.replaceAll("\n", " ")) };
}
