import type { Atom, Atoms } from "./document-atoms.ts";
import { atomsOf } from "./document-atoms.ts";
import type { Document } from "./document.ts";
import { sliceDocument } from "./slice-document.ts";

export interface CutOptions {
  /** Characters of a part; 500 or more. */
  readonly limit: number;
  /** Writes a part as it is sent: this is what must not be longer. */
  readonly render: (part: Document) => string;
}

/**
 * Cuts a document into parts, one at a time: between paragraphs, else at the end of a line, else between words, else
 * within a link or code, and only then within a word. What people see of the parts together is what they would see of
 * the whole, but for white space at the cuts.
 */
export function* cutDocument(document: Document, options: CutOptions): Generator<Document, void> {
  const atoms = atomsOf(document);
  const total = atoms.list.length;
  for (let from = 0; from < total;) {
    const to = endOfPart({ document, atoms, from, ...options });
    const part = sliceDocument(document, atoms, from, to);
    if (part.children.length > 0) yield part;
    from = to;
  }
}

interface Cutting extends CutOptions {
  readonly document: Document;
  readonly atoms: Atoms;
  readonly from: number;
}

/** Reads on as far as the text alone would fit, and goes back until all of it does. */
function endOfPart(cutting: Cutting): number {
  const { from, limit, atoms } = cutting;
  let end = endOfText(cutting, limit);
  while (end > from + 1) {
    const length = lengthUpTo(cutting, end);
    if (length <= limit) {
      if (end === atoms.list.length) return end;
      const best = bestCut(cutting, end);
      if (best === end || lengthUpTo(cutting, best) <= limit) return best;
      end = best;
    } else {
      const shorter = endOfText(cutting, (textLength(cutting, end) * limit) / length);
      end = Math.max(Math.min(shorter, end - 1), from + 1);
    }
  }
  return end;
}

/** The last place to cut with at most this much text before it, markup aside. */
function endOfText({ atoms, from }: Cutting, characters: number): number {
  let length = 0;
  let end = from;
  for (; end < atoms.list.length; end += 1) {
    length += sizeOf(atoms.list[end]);
    if (length > characters) break;
  }
  return Math.max(end, from + 1);
}

function textLength({ atoms, from }: Cutting, end: number): number {
  return atoms.list.slice(from, end).reduce((length, atom) => length + sizeOf(atom), 0);
}

/** Nothing is without size: a rule is markup alone. */
function sizeOf(atom: Atom | undefined): number {
  return Math.max(atom?.text.length ?? 0, 1);
}

function lengthUpTo({ document, atoms, from, render }: Cutting, end: number): number {
  return render(sliceDocument(document, atoms, from, end)).length;
}

/** The last one of the best. One in the first quarter would leave a part too small. */
function bestCut(cutting: Cutting, end: number): number {
  const { atoms, limit } = cutting;
  const first = Math.min(endOfText(cutting, limit / 4) + 1, end);
  let best = end;
  for (let at = end; at >= first; at -= 1) {
    if (cutAt(atoms, at) < cutAt(atoms, best)) best = at;
  }
  return best;
}

function cutAt({ list }: Atoms, at: number): number {
  return list[at]?.cut ?? Infinity;
}
