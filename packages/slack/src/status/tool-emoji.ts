/** The emoji that stands for a tool, by what its name says that it does; a gear when it says nothing. */
export function toolEmoji(toolName: string): string {
  const name = toolName.toLowerCase();
  const rule = RULES.find(([words]) => words.some((word) => name.includes(word)));
  return rule?.[1] ?? "gear";
}

/** The first one that fits counts. */
const RULES: readonly (readonly [words: readonly string[], emoji: string])[] = [
  [["search", "find", "lookup", "grep"], "mag"],
  [["web", "http", "fetch", "browse", "url", "scrape"], "globe_with_meridians"],
  [["image", "photo", "picture", "draw"], "frame_with_picture"],
  [["mail", "message", "notify", "slack"], "envelope"],
  [["calendar", "schedule", "remind", "time"], "calendar"],
  [["memory", "remember", "knowledge", "recall"], "brain"],
  [["shell", "exec", "command", "bash", "run", "code", "python"], "computer"],
  [["write", "edit", "create", "update", "save"], "pencil2"],
  [["file", "read", "document", "folder"], "page_facing_up"],
  [["sql", "database", "query", "table"], "card_file_box"],
  [["delegate", "agent", "task"], "handshake"],
];
