const ALLOWED = /^(?:https?:\/\/[^\s/]|mailto:[^\s])/i;

/** Beyond this, browsers and Slack begin to refuse them. */
const URL_CHARACTERS = 2_000;

/** Whether people may be led there: to http, https or mailto, by an address of a sane length. */
export function isAllowedUrl(url: string): boolean {
  return ALLOWED.test(url) && encodedUrl(url).length <= URL_CHARACTERS;
}

/** The same address without a character that could end it early, in `[text](url)` as in `<url|text>`. */
export function encodedUrl(url: string): string {
  return url
    .toWellFormed()
    .replaceAll(/[\s()<>|\\"^`{}\u0000-\u001f\u007f]/g, percentEncoded)
    .replaceAll(/(&#?\w+);/g, "$1%3B");
}

function percentEncoded(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}
