/** Takes out of a text whatever of an address may be a credential, should a service repeat it. */
export function withoutAddress(text: string, address: string): string {
  return secretParts(address).reduce((masked, part) => masked.replaceAll(part, "…"), text);
}

/** No credential is shorter, and many words are, such as `webhook`. */
const SHORTEST_SECRET = 8;

/** Path and query and their pieces, as they are written and as they read, the longest first. */
function secretParts(address: string): string[] {
  const { pathname, search, hash } = new URL(address);
  const wholes = [pathname, search, hash].filter((whole) => whole.length > 1);
  const pieces = wholes
    .flatMap((whole) => whole.split(/[/?&=#,@]/))
    .filter((piece) => piece.length >= SHORTEST_SECRET);
  const parts = [...wholes, ...pieces].flatMap((part) => [part, decoded(part)]);
  return [...new Set(parts)].toSorted((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
