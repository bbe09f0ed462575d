/** What a caught value says of itself, whatever was thrown; an error that says nothing is named by its code. */
export function messageOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return String(thrown);
    return String(thrown.message || ("code" in thrown ? thrown.code : thrown.name));
  } catch {
    return "A value that says nothing of itself was thrown.";
  }
}
