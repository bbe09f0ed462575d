/** What a caught value says of itself, whatever was thrown. */
export function messageOf(error: unknown): string {
  const text = textOf(error);
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}

const MESSAGE_LIMIT = 4_000;

function textOf(value: unknown): string {
  try {
    return String(value instanceof Error ? value.message : value);
  } catch {
    return "A value that says nothing of itself was thrown.";
  }
}
