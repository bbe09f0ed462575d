import type { Block, Document, DocumentNode, Inline } from "./document.ts";

/** How good a place to cut is, the best first. */
const CUT = { paragraph: 0, line: 1, word: 2, span: 3, letters: 4 } as const;

/** A piece of a document that stays whole, such as a word. */
export interface Atom {
  readonly text: string;
  /** How good it is to cut before it: 0 is the best. */
  readonly cut: number;
  /** White space and breaks of lines, which nobody misses at the edge of a part. */
  readonly isBlank: boolean;
}

export interface Atoms {
  readonly list: readonly Atom[];
  /** Which atoms a node has: from the first number up to, not including, the second. */
  readonly spans: ReadonlyMap<DocumentNode, readonly [number, number]>;
}

/** Takes a document apart into its pieces, in order. */
export function atomsOf(document: Document): Atoms {
  const walk: Walk = { list: [], spans: new Map() };
  addBlocks(walk, document.children, CUT.paragraph);
  return walk;
}

interface Walk {
  readonly list: Atom[];
  readonly spans: Map<DocumentNode, readonly [number, number]>;
}

/** A heading belongs to what follows it. */
function addBlocks(walk: Walk, blocks: readonly Block[], between: number): void {
  let cut = between;
  for (const block of blocks) {
    addNode(walk, block, cut, () => addContent(walk, block));
    cut = block.type === "heading" ? CUT.span : between;
  }
}

/** What holds others begins at a better place than they do: its word is the last one. */
function addNode(walk: Walk, node: DocumentNode, cut: number, addChildren: () => void): void {
  const start = walk.list.length;
  addChildren();
  const first = walk.list[start];
  if (first) walk.list[start] = { ...first, cut };
  else walk.list.push({ text: "", cut, isBlank: false });
  walk.spans.set(node, [start, walk.list.length]);
}

function addContent(walk: Walk, block: Block): void {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return addInlines(walk, block.children, CUT.word);
    case "blockquote":
      return addBlocks(walk, block.children, CUT.line);
    case "list":
      for (const item of block.children) {
        addNode(walk, item, CUT.line, () => addBlocks(walk, item.children, CUT.line));
      }
      return;
    case "code":
      return addText(walk, block.value, CUT.word, "lines");
    case "table":
      for (const [index, row] of block.children.entries()) {
        addNode(walk, row, index === 1 ? CUT.span : CUT.line, () => {
          for (const cell of row.children) {
            addNode(walk, cell, CUT.span, () => addInlines(walk, cell.children, CUT.span));
          }
        });
      }
      return;
    case "thematicBreak":
  }
}

function addInlines(walk: Walk, nodes: readonly Inline[], betweenWords: number): void {
  for (const node of nodes) {
    const before = walk.list.at(-1)?.text ?? "";
    addNode(walk, node, cutBetween(before, firstText(node), betweenWords), () => {
      if (node.type === "text") addText(walk, node.value, betweenWords);
      else if (node.type === "inlineCode") addText(walk, node.value, CUT.span);
      else if (node.type === "break") walk.list.push({ text: "\n", cut: CUT.letters, isBlank: true });
      else addInlines(walk, node.children, node.type === "link" ? CUT.span : betweenWords);
    });
  }
}

function firstText(node: Inline): string {
  if ("value" in node) return node.value;
  const [first] = "children" in node ? node.children : [];
  return first ? firstText(first) : "";
}

/** Blank lines belong to a block of code. */
function addText(walk: Walk, text: string, betweenWords: number, kind: "words" | "lines" = "words"): void {
  for (const [word] of text.matchAll(/[^\S\n]*\S+|[^\S\n]*\n|[^\S\n]+/g)) {
    const before = walk.list.at(-1)?.text ?? "";
    let cut = cutBetween(before, word, betweenWords);
    for (const piece of piecesOf(word)) {
      walk.list.push({ text: piece, cut, isBlank: kind === "words" && piece.trim() === "" });
      cut = CUT.letters;
    }
  }
}

function cutBetween(before: string, after: string, betweenWords: number): number {
  if (before.endsWith("\n")) return Math.min(betweenWords, CUT.line);
  return /\s$/.test(before) || /^\s/.test(after) ? betweenWords : CUT.letters;
}

const PIECE_CHARACTERS = 16;

/** A long word is cut where it is full, but not within what people take for one letter. */
function piecesOf(word: string): string[] {
  if (word.length <= PIECE_CHARACTERS) return [word];
  const pieces = [""];
  for (const letter of lettersOf(word)) {
    const piece = (pieces.at(-1) ?? "") + letter;
    if (piece.length > PIECE_CHARACTERS && piece !== letter) pieces.push(letter);
    else pieces[pieces.length - 1] = piece;
  }
  return pieces;
}

/** Nobody writes letters of so many marks in earnest, and they might be longer than a message. */
const LONGEST_LETTER = 64;

function lettersOf(word: string): string[] {
  const segments = [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(word)];
  return segments.flatMap(({ segment }) =>
    segment.length > LONGEST_LETTER ? Array.from(segment) : [segment],
  );
}
