/**
 * Cuts an escaped text into parts of at most `limit` characters: at a blank line, else at the end of a line, else
 * between words, else anywhere but inside a character or an entity such as `&amp;`. Only white space at the cuts and
 * at both ends is lost; a blank text has no parts. `limit` is 16 or more.
 */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = withoutBlankStart(text.trimEnd(), limit);
  while (rest.length > limit) {
    const end = cutOf(rest, limit);
    parts.push(rest.slice(0, end).trimEnd());
    rest = withoutBlankStart(rest.slice(end), limit);
  }
  return rest === "" ? parts : [...parts, rest];
}

/** The indentation of a line stays, unless there is so much of it that a part might be nothing else. */
function withoutBlankStart(text: string, limit: number): string {
  const trimmed = text.trimStart();
  const indented = text.replace(/^\s*\n/, "");
  const isBeginningOfLine = indented !== text;
  return isBeginningOfLine && indented.length - trimmed.length < limit / 4 ? indented : trimmed;
}

const BREAKS = ["\n\n", "\n", " "];

/** A break in the first quarter would leave a part too small. */
function cutOf(text: string, limit: number): number {
  const breaks = BREAKS.map((separator) => text.lastIndexOf(separator, limit));
  return breaks.find((at) => at >= limit / 4) ?? hardCutOf(text, limit);
}

/** In an escaped text every `&` begins an entity, of five characters at most. */
function hardCutOf(text: string, limit: number): number {
  const entity = text.lastIndexOf("&", limit - 1);
  const isInEntity = entity > limit - 5 && text.indexOf(";", entity) >= limit;
  const end = isInEntity ? entity : limit;
  return isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
