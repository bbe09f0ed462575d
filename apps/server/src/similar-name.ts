/** The name among `known` that was most likely meant, or null when none is near. */
export function similarName(name: string, known: readonly string[]): string | null {
  const near = known
    .map((candidate) => ({ candidate, distance: nameDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.candidate ?? null;
}

/** How many letters two names differ by; separators and case do not count. */
export function nameDistance(one: string, other: string): number {
  return editDistance(plain(one), plain(other));
}

/** `dispatchType` and `dispatch-type` are one edit away from nothing. */
function plain(name: string): string {
  return name
    .replaceAll(/[_\-\s]/g, "")
    .toLowerCase()
    .slice(0, 64);
}

/** How many letters have to be inserted, removed or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
