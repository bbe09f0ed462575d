/**
 * Markdown of a text that still grows, without anything that Slack would take for a mention, a date or a link whose
 * address is hidden. Each piece by itself, so that what is shown stays as it is.
 */
export function liveMarkdown(piece: string): string {
  return piece.toWellFormed().replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
