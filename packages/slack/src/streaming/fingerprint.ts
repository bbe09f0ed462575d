import { createHash } from "node:crypto";

/** What a message shows, short enough to be kept with the parts of its delivery. */
export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
