import type { BlobStore, Database } from "@core/database";
import { createBlobStore } from "@core/database";
import { createFilePort } from "@core/host";
import type { FilePort } from "@core/registry";
import { systemClock } from "@core/registry";
import type { Configuration } from "../configuration.ts";
import type { Keys } from "../keys.ts";
import type { FileLinks } from "./file-links.ts";
import { createFileLinks } from "./file-links.ts";

/** The files of one server. */
export interface ServerFiles {
  readonly blobs: BlobStore;
  readonly port: FilePort;
  readonly links: FileLinks;
}

const LINK_LIFETIME_MS = 7 * 24 * 60 * 60_000;

export function createServerFiles(
  database: Database,
  { signingSecret }: Keys,
  { publicUrl }: Configuration,
): ServerFiles {
  const blobs = createBlobStore(database);
  const links = createFileLinks({
    publicUrl,
    signingSecret: signingSecret.value,
    lifetimeMs: LINK_LIFETIME_MS,
    clock: systemClock,
  });
  return { blobs, port: createFilePort(blobs, { link: links.linkTo }), links };
}
