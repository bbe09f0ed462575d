export interface SplitTextOptions {
  /** How much a part may weigh. */
  readonly limit: number;
  /** What one character weighs for the service. Default: 1, which counts code points. */
  readonly weight?: (character: string) => number;
}

/**
 * Cuts a text into parts that are not too long, at the end of a line, else between words, else anywhere but inside a
 * character. A text that fits stays as it is; of others, only white space at the cuts is lost.
 */
export function splitText(text: string, options: SplitTextOptions): string[] {
  const parts: string[] = [];
  let rest = text;
  for (let end = fittingEnd(rest, options); end < rest.length; end = fittingEnd(rest, options)) {
    const cut = cutBefore(rest, end);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).replace(/^ *\n| +/, "");
  }
  return [...parts, rest].filter((part) => part.trim() !== "");
}

/** A text of at most `limit` code points, the last of them `…` if it was longer. */
export function clipText(text: string, limit: number): string {
  const end = fittingEnd(text, { limit });
  return end === text.length ? text : `${text.slice(0, fittingEnd(text, { limit: limit - 1 }))}…`;
}

/** How many code points a text has. */
export function textLength(text: string): number {
  return Array.from(text).length;
}

/** Where the part ends that fits; never between the halves of a character. */
function fittingEnd(text: string, { limit, weight = () => 1 }: SplitTextOptions): number {
  let end = 0;
  let total = 0;
  for (const character of text) {
    total += weight(character);
    if (total > limit) break;
    end += character.length;
  }
  return end;
}

/** A break in the first half would leave a part too small. */
function cutBefore(text: string, end: number): number {
  const breaks = ["\n", " "].map((separator) => text.lastIndexOf(separator, end));
  return breaks.find((at) => at > end / 2) ?? end;
}
