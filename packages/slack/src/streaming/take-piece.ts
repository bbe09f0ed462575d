/**
 * The longest beginning of an escaped text that fits: all of it, else up to the end of a paragraph, a line or a word,
 * else anywhere but inside a character or an entity such as `&amp;`. "" when nothing fits.
 */
export function takePiece(text: string, room: number, size: (text: string) => number): string {
  if (size(text) <= room) return text;
  const most = fittingCharacters(text, room, size);
  for (const separator of ["\n\n", "\n", " "]) {
    const at = text.lastIndexOf(separator, most - separator.length);
    if (at >= most / 4 && at > 0) return text.slice(0, at + separator.length);
  }
  return text.slice(0, hardCut(text, most));
}

/** `size` grows with the text. */
function fittingCharacters(text: string, room: number, size: (text: string) => number): number {
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (size(text.slice(0, middle)) <= room) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

/** In an escaped text every `&` begins an entity, of five characters at most. */
function hardCut(text: string, end: number): number {
  const entity = text.lastIndexOf("&", end - 1);
  if (entity > end - 5 && entity >= 0 && text.indexOf(";", entity) >= end) return entity;
  const code = text.charCodeAt(end);
  return code >= 0xdc00 && code <= 0xdfff ? Math.max(0, end - 1) : end;
}
