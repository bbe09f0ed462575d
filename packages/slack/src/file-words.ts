import type { FileLink } from "@core/registry";
import { escapeText } from "./escaped-text.ts";

/** A file that is not shown, in a line of Slack's own format: its name, where it can be had, and why it is not here. */
export function fileWords(
  file: { readonly name: string; readonly size: number },
  link: FileLink | null,
  reason: string,
): string {
  const name = escapeText(`${file.name} (${readableSize(file.size)})`);
  const place = link === null ? "is kept with the task on the server" : escapeText(link.url);
  return link === null ? `${name} ${place}: ${reason}.` : `${name}: ${place} (${reason})`;
}

/** In the units of the SI. */
function readableSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 3);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${["", "kB", "MB", "GB"][power]}`;
}
