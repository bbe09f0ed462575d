import { retryable } from "@core/registry";
import type { FailedDelivery } from "@core/registry";
import type { BroughtFile } from "./brought-files.ts";
import type { DoneFile, FilesOrder } from "./file-showing.ts";
import { showFiles, warnOfScope } from "./file-showing.ts";
import type { SlackMeans } from "./slack-means.ts";
import type { UploadOutcome, Uploads } from "./uploads.ts";
import { createUploads } from "./uploads.ts";

/**
 * Uploads the files that are not there yet, several in one message, and tells in words of those that Slack will never
 * have. Null when nothing is left to do.
 */
export async function sendFiles(order: FilesOrder, means: SlackMeans): Promise<FailedDelivery | null> {
  const { context, access, sent, firstPart, files } = order;
  const parts = files.map((file, index) => ({ file, index: firstPart + index }));
  const open = parts.filter(({ index }) => !sent.has(index));
  const uploads = createUploads({ ...means, ...access, signal: context.signal });
  for (let rest = open; rest.length > 0;) {
    const { done, failure } = await uploadSome(rest, uploads, order, means);
    const unseen = done.length === 0 ? null : await showFiles(done, uploads, order, means);
    const failed = unseen ?? failure;
    if (failed !== null) return failed;
    rest = rest.slice(done.length);
  }
  return null;
}

/** As many as a person can send at once. */
const FILES_PER_MESSAGE = 10;

/** What has been uploaded for so long is shown before more is: an attempt that ends then was not in vain. */
const SHOW_AFTER_MS = 15_000;

interface FilePart {
  readonly file: BroughtFile;
  readonly index: number;
}

/** As many as fit into one message, one after the other; stops at the first that may yet be uploaded later. */
async function uploadSome(
  parts: readonly FilePart[],
  uploads: Uploads,
  order: FilesOrder,
  means: SlackMeans,
): Promise<{ readonly done: readonly DoneFile[]; readonly failure: FailedDelivery | null }> {
  const done: DoneFile[] = [];
  const showAt = means.clock.now() + SHOW_AFTER_MS;
  let lacking: UploadOutcome | null = null;
  for (const part of parts.slice(0, FILES_PER_MESSAGE)) {
    if (order.context.signal.aborted) return { done: [], failure: retryable(STOPPED) };
    const outcome: UploadOutcome = lacking ?? (await uploads.upload(part.file));
    if (outcome.status === "failed") return { done, failure: outcome };
    const isRefused = outcome.status === "refused";
    if (isRefused && outcome.scope !== undefined) {
      lacking = outcome;
      warnOfScope(outcome.scope, order, means);
    }
    const [fileId, reason] = isRefused ? [null, outcome.reason] : [outcome.fileId, ""];
    done.push({ ...part, fileId, reason });
    if (means.clock.now() >= showAt) break;
  }
  return { done, failure: null };
}

const STOPPED = { code: "aborted", message: "The attempt was ended before all files were uploaded." };
