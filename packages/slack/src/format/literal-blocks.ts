import type { Block } from "./document.ts";
import { paragraphOf, textNode } from "./document.ts";

/** The paragraphs of a text that shows as it is, whatever it would mean as Markdown; indentation is lost. */
export function literalBlocks(text: string): Block[] {
  const lines = text
    .toWellFormed()
    .split(/\r\n?|\n/)
    .map((line) => line.trim());
  return lines
    .join("\n")
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => paragraphOf(textNode(paragraph)));
}
