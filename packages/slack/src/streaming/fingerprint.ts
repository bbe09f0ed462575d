import { createHash } from "node:crypto";
import type { MessageContent } from "../message-parts.ts";

/** What a message shows, short enough to be kept with the parts of its delivery. */
export function fingerprint(content: MessageContent): string {
  const text = "text" in content ? content.text : content.markdown_text;
  return createHash("sha256").update(text.trim()).digest("base64url").slice(0, 22);
}
