import type { Delivery } from "@core/registry";

/** What a board shows of a delivery; null for a kind that has no form there. */
export function textOf({ kind, payload }: Delivery): string | null {
  switch (kind) {
    case "task_result":
    case "child_result":
      return payload.result.text;
    case "task_error":
      return `That failed: ${payload.error.message}`;
    case "message":
    case "mirror":
      return payload.text;
    default:
      return null;
  }
}

/** Breaks a text between words, so that no part is longer than this. */
export function textParts(text: string, most: number): string[] {
  const parts: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most)
      parts[parts.length - 1] = `${last} ${word}`;
    else parts.push(word);
  }
  return parts;
}
