import type { ApiAnswer, ApiCall, Args, Method } from "./api-call.ts";
import { jsonArgument, missingArgument, refused } from "./api-call.ts";
import { PERSON_CALLER } from "./fake-workspace.ts";
import { threadRefusal } from "./message-rules.ts";
import type { SlackEmulator } from "./slack-emulator.ts";
import type { HttpAnswer, HttpRequest } from "./slack-server.ts";

/** A file as it was uploaded. */
export interface FakeFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly altText: string | undefined;
  /** Whether `files.completeUploadExternal` has named it. */
  readonly isComplete: boolean;
}

/** What a person has to share. */
export interface SharedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly comment?: string;
}

/** Uploads in three steps: an address for `length` bytes, the bytes, and where they go. */
export interface FakeUploads {
  readonly methods: Readonly<Record<string, Method>>;
  /** The middle step: takes the bytes, raw or as a form. */
  receive(request: HttpRequest): Promise<HttpAnswer>;
  /** All three steps, as a person does them; tells the file's id. */
  put(file: SharedFile, place: Args): Promise<string>;
  file(id: string): FakeFile | undefined;
  reset(): void;
}

export function createUploads(emulator: SlackEmulator): FakeUploads {
  const files = new Map<string, Upload>();
  const receive = (request: HttpRequest): Promise<HttpAnswer> => receiveBytes(request, emulator, files);
  return {
    methods: {
      [OPEN]: (call) => openUpload(call, emulator, files),
      [COMPLETE]: (call) => completeUpload(call, emulator, files),
    },
    receive,
    async put({ name, bytes, comment = "" }, place) {
      const asked = { filename: name, length: String(bytes.length) };
      const opened = await openUpload({ method: OPEN, args: asked, caller: PERSON_CALLER }, emulator, files);
      const id = String(opened["file_id"]);
      await receive({ verb: "POST", path: `/upload/v1/${id}`, headers: {}, body: Buffer.from(bytes) });
      const named = { files: JSON.stringify([{ id, title: name }]), initial_comment: comment, ...place };
      const done = await completeUpload(
        { method: COMPLETE, args: named, caller: PERSON_CALLER },
        emulator,
        files,
      );
      if (!done.ok) throw new Error(`The fake Slack refuses the file "${name}": ${done.error}.`);
      return id;
    },
    file: (id) => files.get(id),
    reset: () => files.clear(),
  };
}

const OPEN = "files.getUploadURLExternal";
const COMPLETE = "files.completeUploadExternal";

interface Upload extends FakeFile {
  readonly length: number;
  bytes: Uint8Array;
  isComplete: boolean;
}

/** Slack's argument is `alt_txt`, the emulator's `alt_text`: what comes under that name is lost, as in Slack. */
async function openUpload(
  { method, args, caller }: ApiCall,
  emulator: SlackEmulator,
  files: Map<string, Upload>,
): Promise<ApiAnswer> {
  const { alt_txt: altText, alt_text: _lost, ...rest } = args;
  const refusal = missingArgument(args, "filename", "length");
  if (refusal !== undefined) return refusal;
  const length = Number(args["length"]);
  if (length === 0) return refused("missing_argument", "missing required field: length");
  if (!Number.isInteger(length) || length < 0)
    return refused("invalid_arguments", "length must be an integer");
  const asked = { ...rest, ...(altText !== undefined && { alt_text: altText }) };
  const answer = await emulator.call(method, asked, caller.token);
  if (!answer.ok) return answer;
  const id = String(answer["file_id"]);
  const empty = { bytes: new Uint8Array(), isComplete: false };
  files.set(id, { id, name: args["filename"] ?? "", altText, length, ...empty });
  return answer;
}

async function receiveBytes(
  request: HttpRequest,
  emulator: SlackEmulator,
  files: ReadonlyMap<string, Upload>,
): Promise<HttpAnswer> {
  const upload = files.get(uploadId(request.path));
  if (upload === undefined || upload.isComplete) return { status: 404, body: "file_not_found" };
  const bytes = await uploadedBytes(request);
  if (bytes.length !== upload.length) {
    return { status: 400, body: `length_mismatch: ${upload.length} bytes announced, ${bytes.length} came` };
  }
  upload.bytes = bytes;
  return emulator.pass(request);
}

async function completeUpload(
  { method, args, caller }: ApiCall,
  emulator: SlackEmulator,
  files: Map<string, Upload>,
): Promise<ApiAnswer> {
  const { channel_id: channel, channels = channel ?? "", thread_ts: threadTs } = args;
  const named = jsonArgument(args["files"]);
  if (!Array.isArray(named) || named.length === 0) {
    return refused("invalid_arguments", "missing required field: files");
  }
  const places = channels.split(",").filter((place) => place !== "");
  if (threadTs !== undefined && places.length !== 1)
    return refused("invalid_arguments", "thread_ts needs one channel");
  const refusal = await threadRefusal(emulator, places[0], threadTs);
  if (refusal !== undefined) return refusal;
  const answer = await emulator.call(method, args, caller.token);
  if (!answer.ok) return answer;
  for (const { id } of named as { id: string }[]) {
    const file = files.get(id);
    if (file !== undefined) file.isComplete = true;
  }
  return answer;
}

function uploadId(path: string): string {
  return path.replace(/^\/upload\/v1\//, "").replace(/\?.*$/, "");
}

/** Of a form, the first file in it counts. */
async function uploadedBytes({ headers, body }: HttpRequest): Promise<Uint8Array> {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) return body;
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const [file] = [...form.values()].filter((value) => typeof value !== "string");
  return file === undefined ? new Uint8Array() : new Uint8Array(await file.arrayBuffer());
}
