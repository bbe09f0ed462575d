import type { Delivery, Dispatcher, FileLink, FileRef, TaskResult } from "@core/registry";

/** Where a file can be fetched without a key; null: nowhere. Asked anew at each attempt, since links expire. */
export type ResolveFileLink = (file: FileRef) => FileLink | null;

/**
 * What a dispatcher without the `files` capability is given: the text of a result with a line for each file, which
 * links to it or says where it is.
 */
export function withoutUnsupportedFiles(
  delivery: Delivery,
  { capabilities }: Dispatcher,
  fileLink: ResolveFileLink,
): Delivery {
  if (capabilities?.files === true) return delivery;
  if (delivery.kind !== "task_result" && delivery.kind !== "child_result") return delivery;
  const { result } = delivery.payload;
  if (result.files.length === 0) return delivery;
  return { ...delivery, payload: { ...delivery.payload, result: withFileLines(result, fileLink) } };
}

function withFileLines(result: TaskResult, fileLink: ResolveFileLink): TaskResult {
  const lines = result.files.map((file) => fileLine(file, fileLink(file)));
  const paragraphs = [result.text.trimEnd(), lines.join("\n")].filter((paragraph) => paragraph !== "");
  return { ...result, text: paragraphs.join("\n\n"), files: [] };
}

function fileLine({ name, size }: FileRef, link: FileLink | null): string {
  const what = `${name} (${readableSize(size)})`;
  return link === null ? `${what} is kept with the task on the server.` : `${what}: ${link.url}`;
}

/** In the units of the SI, with one digit behind the point where it tells something. */
function readableSize(bytes: number): string {
  const units = ["kB", "MB", "GB"];
  let size = bytes;
  let unit = "bytes";
  while (size >= 999.95 && units.length > 0) {
    size /= 1_000;
    unit = units.shift() ?? unit;
  }
  return `${unit === "bytes" ? size : size.toFixed(1)} ${unit}`;
}
