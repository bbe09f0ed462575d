const MARK = "/* prepared */ ";
const STATEMENT_UNKNOWN = "26000";
const STATEMENT_EXISTS = "42P05";

/**
 * Marks a statement that runs often: each connection to a server then parses and plans it once. Only for texts that are
 * always the same and whose columns no migration changes, such as calls of a function. Elsewhere the mark is a comment.
 */
export function prepared(text: string): string {
  return MARK + text;
}

/** Names for marked statements, until a pooler turns out not to keep what is prepared. */
export interface StatementNames {
  nameOf(text: string): string | undefined;
  /** True if the error says that the connection's session is not ours alone; from then on there are no names. */
  isShared(error: unknown): boolean;
}

export function createStatementNames(onShared: () => void): StatementNames {
  const names = new Map<string, string>();
  let isOurs = true;

  return {
    nameOf(text) {
      if (!isOurs || !text.startsWith(MARK)) return undefined;
      const known = names.get(text) ?? `prepared_${names.size + 1}`;
      names.set(text, known);
      return known;
    },
    isShared(error) {
      const { code } = error as { readonly code?: unknown };
      if (code !== STATEMENT_UNKNOWN && code !== STATEMENT_EXISTS) return false;
      if (isOurs) onShared();
      isOurs = false;
      return true;
    },
  };
}
