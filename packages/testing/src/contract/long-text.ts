/**
 * A text of numbered words, as long as possible up to this many characters. No word repeats another, so that the
 * contract can tell a part that is missing from one that came twice.
 */
export function numberedText(characters: number): string {
  const words = Math.max(1, Math.floor((characters + 1) / (WORD_CHARACTERS + 1)));
  return Array.from({ length: words }, (_, index) => numberedWord(index + 1)).join(" ");
}

const WORD_CHARACTERS = 7;

/** All of the same length, so that none is the beginning of another. */
function numberedWord(number: number): string {
  return `w${String(number).padStart(WORD_CHARACTERS - 1, "0")}`;
}

/** What is wrong with the shown parts of a text. */
export interface Wholeness {
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  readonly misplaced: readonly string[];
}

/** Looks in the shown texts for every word by which a place in the long text can be told. */
export function wholenessOf(longText: string, shown: readonly string[]): Wholeness {
  const all = withoutSpace(shown.join(""));
  const places = marksOf(longText).map((word) => ({ word, places: placesOf(word, all) }));
  const once = places.filter((one) => one.places.length === 1);
  return {
    missing: places.filter((one) => one.places.length === 0).map(({ word }) => word),
    repeated: places.filter((one) => one.places.length > 1).map(({ word }) => word),
    misplaced: once
      .filter(({ places: [place = 0] }, index) => place < (once[index - 1]?.places[0] ?? 0))
      .map(({ word }) => word),
  };
}

/** How many of its marks a shown text has. */
export function marksIn(longText: string, shown: string): number {
  const text = withoutSpace(shown);
  return marksOf(longText).filter((word) => text.includes(word)).length;
}

/** More would cost time and tell nothing new. */
const MOST_MARKS = 500;

/** Words that occur once, even as a piece of others; spread over a text that has very many. */
function marksOf(longText: string): string[] {
  const words = [...new Set(longText.match(/[\p{L}\p{N}]{4,}/gu))];
  const step = Math.ceil(words.length / MOST_MARKS);
  const text = withoutSpace(longText);
  return words.filter((word, index) => index % step === 0 && placesOf(word, text).length === 1);
}

function placesOf(word: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) places.push(at);
  return places;
}

/** Whoever splits a text may break it in the middle of a word, or drop the space between two. */
function withoutSpace(text: string): string {
  return text.replaceAll(/\s+/gu, "");
}
