const LONGEST_NAME = 255;

/** A longer one is not taken for an extension. */
const LONGEST_EXTENSION = 16;

/**
 * A name that may be shown, and stand in a folder: without path separators, control characters and the marks that turn
 * the direction of text; at most 255 characters, its extension kept; never empty.
 */
export function safeFileName(name: string): string {
  const cleaned = name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, "")
    .replaceAll(/[/\\]/g, "_")
    .trim();
  return /^\.*$/.test(cleaned) ? "file" : shortened(cleaned);
}

function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= LONGEST_EXTENSION ? name.slice(dot) : "";
  return withoutHalfPair(name.slice(0, LONGEST_NAME - extension.length)) + extension;
}

/** The cut may have gone through a character of two units. */
function withoutHalfPair(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
