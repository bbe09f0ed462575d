import { retryable } from "@core/registry";
import type { FailedDelivery, HttpPort } from "@core/registry";
import { repeatedCall } from "./repeated-call.ts";
import type { SlackAccess } from "./slack-access.ts";

/** A file to be uploaded. */
export interface UploadSource {
  readonly name: string;
  /** Bytes; exactly so many are sent. */
  readonly size: number;
  /** For those who do not see the file. */
  readonly altText?: string | undefined;
  /** Its bytes, read while they are sent; null when it is gone. */
  open(): Promise<ReadableStream<Uint8Array> | null>;
}

/**
 * What became of one file. `refused`: it never will be uploaded, for this reason, in words for people. A failure may
 * pass; nobody has seen anything of the file then.
 */
export type UploadOutcome =
  | { readonly status: "uploaded"; readonly fileId: string }
  | {
      readonly status: "refused";
      readonly reason: string;
      /** Which the app lacks; the next file would be refused, too. */
      readonly scope?: string;
    }
  | FailedDelivery;

interface SharedFiles {
  readonly files: readonly { readonly fileId: string; readonly title: string }[];
  readonly channel: string;
  readonly threadTs: string | undefined;
  /** Said with the files, in Slack's own format. */
  readonly caption?: string | undefined;
}

/** Files in three steps: an address for the bytes, the bytes, and where the files are shown. */
export interface Uploads {
  /** The first two steps for one file, which nobody sees yet. Only the first one is tried again. */
  upload(source: UploadSource): Promise<UploadOutcome>;
  /** The last step, for files that were uploaded: all of them, in one message. Rejects as `SlackWeb` does. */
  share(shared: SharedFiles): Promise<void>;
}

export interface UploadsOptions extends Pick<SlackAccess, "web" | "failureOf"> {
  readonly fetch: HttpPort["fetch"];
  /** Ends every request. */
  readonly signal: AbortSignal;
  /** From the first byte of one file to the last one of the answer. Default 45,000. */
  readonly bytesTimeoutMs?: number | undefined;
  /** Default: what Slack takes. */
  readonly maxFileBytes?: number | undefined;
}

export function createUploads(options: UploadsOptions): Uploads {
  const { web, failureOf, maxFileBytes = SLACK_MAX_BYTES } = options;
  return {
    async upload(source) {
      if (source.size === 0) return refused("it is empty");
      if (source.size > maxFileBytes) return refused("it is too large for Slack");
      let stream: ReadableStream<Uint8Array> | null = null;
      try {
        stream = await source.open();
        if (stream === null) return refused("it is not in the store any more");
        const { id, url } = await startUpload(source, options);
        return (await sendBytes(url, stream, source, options)) ?? { status: "uploaded", fileId: id };
      } catch (error) {
        return startFailure(failureOf(error), source);
      } finally {
        if (stream?.locked === false) await stream.cancel().catch(() => {});
      }
    },
    async share({ files, channel: channel_id, threadTs, caption }) {
      const place = { channel_id, ...(threadTs !== undefined && { thread_ts: threadTs }) };
      const named = files.map(({ fileId: id, title }) => ({ id, title }));
      const form = { files: named, ...place, ...(caption !== undefined && { initial_comment: caption }) };
      const method = "files.completeUploadExternal";
      await web.call(method, (sdk) => sdk.apiCall(method, form));
    },
  };
}

const SLACK_MAX_BYTES = 1_000_000_000;

function refused(reason: string): Extract<UploadOutcome, { readonly status: "refused" }> {
  return { status: "refused", reason };
}

/** An address that nobody uses does no harm, so it may be asked for again. */
function startUpload(
  { name, size, altText }: UploadSource,
  options: UploadsOptions,
): Promise<{ readonly id: string; readonly url: string }> {
  // Slack's name for it; the SDK's own types say `alt_text`, which Slack does not know.
  const form = { filename: name, length: size, ...(altText !== undefined && { alt_txt: altText }) };
  return repeatedCall(async () => {
    const method = "files.getUploadURLExternal";
    const answer = await options.web.call(method, (sdk) => sdk.apiCall(method, form));
    const { file_id: id, upload_url: url }: Readonly<Record<string, unknown>> = { ...answer };
    if (typeof id === "string" && typeof url === "string") return { id, url };
    throw new Error("Slack named no address for the file.");
  }, options);
}

function startFailure(failed: FailedDelivery, { name }: UploadSource): UploadOutcome {
  const { failure, code } = failed;
  if (code === "missing_scope") return { ...refused("the app may not upload files"), scope: "files:write" };
  if (failure === "permanent") return refused(`Slack refused it (${code})`);
  if (failure !== "ambiguous") return failed;
  return retryable({ code, message: `"${name}" could not be uploaded; nobody sees anything of it.` });
}

/** Undefined when Slack has them all. */
async function sendBytes(
  url: string,
  stream: ReadableStream<Uint8Array>,
  { name, size }: UploadSource,
  { fetch, signal, bytesTimeoutMs = 45_000 }: UploadsOptions,
): Promise<UploadOutcome | undefined> {
  const lost = (why: string): FailedDelivery =>
    retryable({ code: "upload_lost", message: `The bytes of "${name}" did not arrive: ${why}` });
  try {
    const answer = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: { "content-type": "application/octet-stream", "content-length": String(size) },
      body: stream,
      duplex: "half",
      signal: AbortSignal.any([signal, AbortSignal.timeout(bytesTimeoutMs)]),
    });
    await answer.body?.cancel();
    if (answer.status === 200) return undefined;
    const mayPass = answer.status >= 500 || answer.status === 408 || answer.status === 429;
    return mayPass
      ? lost(`Slack answered ${answer.status}.`)
      : refused(`Slack refused it (${answer.status})`);
  } catch (error) {
    // Whoever has the address may write to it.
    return lost(reasonOf(error).replaceAll(url, "[address]"));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
