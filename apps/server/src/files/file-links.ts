import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Clock, FileLink, FileRef } from "@core/registry";

export interface FileLinksOptions {
  /** Where the world reaches this server; null: there are no links. */
  readonly publicUrl: string | null;
  /** The same on all servers that share a database; the key of the links is derived from it. */
  readonly signingSecret: string;
  /** How long a link opens its file. */
  readonly lifetimeMs: number;
  readonly clock: Clock;
}

/** What a request that carries a link's query is: `unsigned` carries none. */
type FileLinkVerdict = "valid" | "expired" | "wrong" | "unsigned";

/** Links that open one file without a key, until they expire. */
export interface FileLinks {
  linkTo(file: Pick<FileRef, "blob_id">): FileLink | null;
  judge(blobId: string, query: FileLinkQuery): FileLinkVerdict;
}

export interface FileLinkQuery {
  /** Seconds since 1970. */
  readonly expires?: string | undefined;
  readonly signature?: string | undefined;
}

export function createFileLinks({
  publicUrl,
  signingSecret,
  lifetimeMs,
  clock,
}: FileLinksOptions): FileLinks {
  const key = Buffer.from(hkdfSync("sha256", signingSecret, "", "file links", 32));

  return { linkTo, judge };

  function linkTo({ blob_id: id }: Pick<FileRef, "blob_id">): FileLink | null {
    if (publicUrl === null) return null;
    const expires = String(Math.ceil((clock.now() + lifetimeMs) / 1_000));
    const query = new URLSearchParams({ expires, signature: signatureOf(id, expires) });
    return {
      url: `${publicUrl}/api/v1/files/${id}?${query.toString()}`,
      expires_at: new Date(Number(expires) * 1_000).toISOString(),
    };
  }

  function judge(blobId: string, { expires, signature }: FileLinkQuery): FileLinkVerdict {
    if (expires === undefined && signature === undefined) return "unsigned";
    const given = Buffer.from(signature ?? "");
    const right = Buffer.from(signatureOf(blobId, expires ?? ""));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return "wrong";
    return Number(expires) * 1_000 > clock.now() ? "valid" : "expired";
  }

  function signatureOf(blobId: string, expires: string): string {
    return createHmac("sha256", key).update(`${blobId}\n${expires}`).digest("base64url");
  }
}
