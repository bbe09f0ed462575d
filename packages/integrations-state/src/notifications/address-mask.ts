/** Takes out of a text whatever of an address may be a credential, should a service repeat it. */
export function withoutAddress(text: string, address: string): string {
  return secretParts(address).reduce((masked, part) => masked.replaceAll(part, "…"), text);
}

const SHORTEST_SECRET = 6;

/** Every part of path and query, as it is written and as it reads, the longest first. */
function secretParts(address: string): string[] {
  const { pathname, search, hash } = new URL(address);
  const whole = [pathname, search, hash];
  const pieces = whole.flatMap((part) => part.split(/[/?&=#,@]/));
  const parts = [...whole, ...pieces].flatMap((part) => [part, decoded(part)]);
  return [...new Set(parts)]
    .filter((part) => part.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
