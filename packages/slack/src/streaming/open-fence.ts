/** The fence of a text in Markdown that is still open at its end. */
export interface OpenFence {
  /** The line that opens it once more, such as "```ts". */
  readonly opening: string;
  /** The line that closes it. */
  readonly closing: string;
}

/** Finds it; null when the text does not end inside of a fence. */
export function openFence(text: string): OpenFence | null {
  let open: OpenFence | null = null;
  for (const line of text.split("\n")) {
    const [, indent = "", marks = "", rest = ""] = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (marks === "") continue;
    if (open === null) {
      if (!(marks.startsWith("`") && rest.includes("`"))) open = { opening: line, closing: indent + marks };
    } else if (marks.startsWith(open.closing.trim()) && rest.trim() === "") {
      open = null;
    }
  }
  return open;
}
