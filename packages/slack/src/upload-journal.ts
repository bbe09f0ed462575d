import type { JsonValue, StoragePort } from "@core/registry";

/** What one call is about to share, so that it can be found in Slack if its answer is lost. */
export interface SharingNote {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** How many parts there are in all. */
  readonly of: number;
  /** The parts of the delivery that appear with it; `fileId` null: one that is only told of. */
  readonly parts: readonly { readonly index: number; readonly fileId: string | null }[];
}

/** Files carry no metadata: what they are parts of is written down before they are shared. */
export interface UploadJournal {
  note(deliveryId: string, note: SharingNote): Promise<void>;
  read(deliveryId: string): Promise<SharingNote | null>;
  /** Never rejects. */
  forget(deliveryId: string): Promise<void>;
}

/** Keeps it over restarts. */
export function createUploadJournal(storage: StoragePort): UploadJournal {
  return {
    note: (deliveryId, { at, of, parts }) =>
      storage.set(keyOf(deliveryId), {
        at,
        of,
        parts: parts.map(({ index, fileId }) => ({ index, file_id: fileId })),
      }),
    read: async (deliveryId) => noteOf(await storage.get(keyOf(deliveryId))),
    // What is left behind is found by nobody who does not look for this delivery.
    forget: (deliveryId) => storage.delete(keyOf(deliveryId)).catch(() => {}),
  };
}

function keyOf(deliveryId: string): string {
  return `sharing/${deliveryId}`;
}

function noteOf(value: JsonValue): SharingNote | null {
  const { at, of, parts } = fieldsOf(value);
  if (typeof at !== "number" || typeof of !== "number" || !Array.isArray(parts)) return null;
  return { at, of, parts: parts.flatMap(partOf) };
}

function partOf(value: unknown): SharingNote["parts"] {
  const { index, file_id: fileId } = fieldsOf(value);
  if (typeof index !== "number") return [];
  return [{ index, fileId: typeof fileId === "string" ? fileId : null }];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
