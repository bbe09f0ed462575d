/**
 * Writes a text so that Slack shows it as it is: no `<!channel>`, `<@U…>` or link in it takes effect. Half characters,
 * which cannot be sent, become U+FFFD.
 */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>]/g, (character) => (character === "&" ? "&amp;" : character === "<" ? "&lt;" : "&gt;"));
}
