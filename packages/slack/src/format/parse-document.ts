import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type { Document } from "./document.ts";
import { visibleText } from "./document.ts";
import { literalBlocks } from "./literal-blocks.ts";
import { settleTree } from "./settle-tree.ts";

/**
 * Reads GitHub's Markdown. A text that would take the parser seconds, by its length or by what it is made of, is taken
 * word for word, and so is one of which nothing would be seen.
 */
export function parseDocument(markdown: string): Document {
  const text = markdown.toWellFormed().replaceAll(/\r\n?/g, "\n");
  if (isCostly(text)) return literalDocument(text);
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const document = settleTree(tree);
  return visibleText([document]).trim() === "" ? literalDocument(text) : document;
}

/** A text that shows as it is, whatever it would mean as Markdown. */
export function literalDocument(text: string): Document {
  return { type: "root", children: literalBlocks(text) };
}

/** Far beyond what goes into Slack as messages. */
const PARSED_CHARACTERS = 100_000;

/** The parser compares markers with one another: the time is the square of their number in one paragraph. */
const MARKERS_PER_PARAGRAPH = 3_000;

/** The same goes for quotes and items of lists, in the whole text, and for those within each other. */
const CONTAINERS = 1_500;
const CONTAINERS_WITHIN = 50;

function isCostly(text: string): boolean {
  return text.length > PARSED_CHARACTERS || hasManyContainers(text) || hasManyMarkers(outsideOfCode(text));
}

function hasManyContainers(text: string): boolean {
  const begins = text.match(/^(?:[ \t]*(?:>|(?:[-+*]|\d+[.)])(?=\s)))+/gm) ?? [];
  const counts = begins.map((signs) => countOf(signs, /[>.)*+-]/g));
  return counts.some((count) => count >= CONTAINERS_WITHIN) || sumOf(counts) > CONTAINERS;
}

function hasManyMarkers(text: string): boolean {
  return text
    .split(/\n[ \t]*\n/)
    .some((paragraph) => countOf(paragraph, /[*_~[\]!<>|`]/g) > MARKERS_PER_PARAGRAPH);
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Nothing in blocks of code is compared. */
function outsideOfCode(text: string): string {
  let fence = "";
  const lines = text.split("\n").filter((line) => {
    const [, mark = "", rest = ""] = /^[ \t]*(`{3,}|~{3,})(.*)/.exec(line) ?? [];
    const isInside = fence !== "";
    if (!isInside) fence = mark;
    else if (mark.startsWith(fence) && rest.trim() === "") fence = "";
    return !isInside && mark === "";
  });
  return lines.join("\n");
}
