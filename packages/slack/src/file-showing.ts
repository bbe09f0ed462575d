import { retryable } from "@core/registry";
import type { FailedDelivery } from "@core/registry";
import type { BroughtFile } from "./brought-files.ts";
import { fileWords } from "./file-words.ts";
import type { PartsOrder } from "./parts-order.ts";
import type { SlackMeans } from "./slack-means.ts";
import { threadOf } from "./slack-target.ts";
import type { Uploads } from "./uploads.ts";

export interface FilesOrder extends PartsOrder {
  readonly files: readonly BroughtFile[];
  /** The part that the first file is. */
  readonly firstPart: number;
  /** All parts, those of the text among them. */
  readonly total: number;
}

/** A file that Slack has, or never will have. */
export interface DoneFile {
  readonly file: BroughtFile;
  /** The part of the delivery that it is. */
  readonly index: number;
  /** Slack's id; null: it was refused. */
  readonly fileId: string | null;
  /** Why it was refused, in words for people. */
  readonly reason: string;
}

/**
 * Lets people see all of these files in one message: those that were uploaded themselves, the others as names and
 * links. They are parts of the delivery without a gap. Null when that is done and noted.
 */
export async function showFiles(
  done: readonly DoneFile[],
  uploads: Uploads,
  order: FilesOrder,
  means: SlackMeans,
): Promise<FailedDelivery | null> {
  const { context, delivery, sent, total } = order;
  const isUploaded = done.some(({ fileId }) => fileId !== null);
  const shown = await (isUploaded ? share(done, uploads, order, means) : tell(done, order));
  if ("status" in shown) return shown;
  for (const { index, fileId } of done) {
    const name = shown.names.get(index) ?? fileId ?? undefined;
    await context.partSent({ index, ...(name !== undefined && { external_id: name }), of: total });
    sent.set(index, name);
  }
  if (isUploaded) await means.journal.forget(delivery.id);
  return null;
}

/** Tells the operator of a missing scope, once for each token. */
export function warnOfScope(scope: string, { access, context }: FilesOrder, means: SlackMeans): void {
  if (!means.isNew(`${access.team} ${scope}`)) return;
  const message = `People get names and links in the place of files: the app lacks the scope ${scope}. Add it to the app and install it again.`;
  context.logger.warn({ token: access.team, scope }, message);
}

/** By part, Slack's names of the messages that stand for files. */
interface Shown {
  readonly names: ReadonlyMap<number, string>;
}

async function share(
  done: readonly DoneFile[],
  uploads: Uploads,
  order: FilesOrder,
  means: SlackMeans,
): Promise<Shown | FailedDelivery> {
  const { access, delivery } = order;
  const place = await placeOf(order, means);
  if (typeof place !== "string") return isFinal(place) ? tell(refusedAs(done, place), order) : place;
  const unnoted = await note(done, order, means);
  if (unnoted !== null) return unnoted;
  const files = done.flatMap(({ fileId, file }) => (fileId === null ? [] : [{ fileId, title: file.name }]));
  const words = wordsOf(done);
  try {
    await uploads.share({
      files,
      channel: place,
      threadTs: threadOf(delivery.target),
      caption: words || undefined,
    });
    return { names: new Map() };
  } catch (error) {
    const failure = access.failureOf(error);
    return isFinal(failure) ? tell(refusedAs(done, failure), order) : failure;
  }
}

/** Files go into channels only; with a person, that is the one of the direct messages. */
async function placeOf(order: FilesOrder, means: SlackMeans): Promise<string | FailedDelivery> {
  const { access, delivery } = order;
  const { channel_id: id } = delivery.target;
  if (!id.startsWith("U")) return id;
  try {
    const { channel } = await access.web.call("conversations.open", (sdk) =>
      sdk.conversations.open({ users: id }),
    );
    if (channel?.id !== undefined) return channel.id;
    throw new Error("Slack named no channel of the direct messages.");
  } catch (error) {
    const { code, message, ...failed } = access.failureOf(error);
    if (code === "missing_scope") warnOfScope("im:write", order, means);
    return failed.failure === "ambiguous"
      ? retryable({ code, message: NOT_OPENED })
      : { ...failed, code, message };
  }
}

const NOT_OPENED = "The direct messages could not be opened for the files; nobody sees anything of them yet.";

async function note(
  done: readonly DoneFile[],
  { delivery, context, total }: FilesOrder,
  { journal, clock }: SlackMeans,
): Promise<FailedDelivery | null> {
  try {
    await journal.note(delivery.id, { at: clock.now(), of: total, parts: done });
    return null;
  } catch (error) {
    context.logger.warn({ err: error }, "What is about to be shared could not be noted.");
    const message = "The files were not shared, because that could not be noted first.";
    return retryable({ code: "storage_failed", message });
  }
}

/** No later attempt would fare better. */
function isFinal({ failure, code }: FailedDelivery): boolean {
  return failure === "permanent" || code === "missing_scope";
}

function refusedAs(done: readonly DoneFile[], { code }: FailedDelivery): DoneFile[] {
  const reason = `Slack refused it (${code})`;
  return done.map((one) => (one.fileId === null ? one : { ...one, fileId: null, reason }));
}

async function tell(
  done: readonly DoneFile[],
  { access, post, total }: FilesOrder,
): Promise<Shown | FailedDelivery> {
  const [index = 0, last = index] = [done[0]?.index, done.at(-1)?.index];
  try {
    const ts = await post(() => ({ text: wordsOf(done) }), { index, last, of: total });
    return { names: new Map(done.map((one) => [one.index, ts])) };
  } catch (error) {
    return access.failureOf(error);
  }
}

function wordsOf(done: readonly DoneFile[]): string {
  const refused = done.filter(({ fileId }) => fileId === null);
  return refused.map(({ file, reason }) => fileWords(file, file.link(), reason)).join("\n");
}
