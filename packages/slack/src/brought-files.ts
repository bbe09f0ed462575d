import type { Delivery, FileLink, FilePort } from "@core/registry";
import type { ReplyFile } from "./format/reply.ts";
import type { UploadSource } from "./uploads.ts";

/** A file that a delivery brings; each is a part behind those of its text. */
export interface BroughtFile extends UploadSource {
  /** Where people can fetch it without Slack; null: nowhere. Made anew, since it expires. */
  link(): FileLink | null;
}

/** The files of a result; other deliveries bring none. */
export function filesOf(delivery: Delivery, store: FilePort): readonly BroughtFile[] {
  const isResult = delivery.kind === "task_result" || delivery.kind === "child_result";
  const refs = isResult ? delivery.payload.result.files : [];
  return refs.map((ref) => ({
    name: ref.name,
    size: ref.size,
    altText: ref.content_type.startsWith("image/") ? ref.name : undefined,
    open: () => store.open(ref),
    link: () => store.link(ref),
  }));
}

/** A text that is too long for messages. */
export function fileOfReply({ name, contentType, text }: ReplyFile): BroughtFile {
  const content = new Blob([text], { type: contentType });
  return { name, size: content.size, open: async () => content.stream(), link: () => null };
}
