import type { JsonValue, StoragePort } from "@core/registry";
import { z } from "zod";
import type { SlackOrigin } from "../slack-origin.ts";

/** Something that was set on a message and has to be taken away again. */
export interface StatusNote extends Pick<
  SlackOrigin,
  "channel_id" | "message_ts" | "thread_ts" | "installation"
> {
  /** Such as the name of an emoji. */
  readonly name: string;
}

/** What is set, kept over restarts. */
export interface StatusNotes {
  all(): Promise<readonly StatusNote[]>;
  add(note: StatusNote): Promise<void>;
  remove(note: StatusNote): Promise<void>;
}

/** Keeps them under one key; one change at a time. */
export function createStatusNotes(storage: StoragePort, key: string): StatusNotes {
  let last: Promise<unknown> = Promise.resolve();
  const all = async (): Promise<readonly StatusNote[]> => {
    const stored = await storage.get(key);
    return Array.isArray(stored) ? stored.flatMap((one) => noteSchema.safeParse(one).data ?? []) : [];
  };
  const change = (alter: (notes: readonly StatusNote[]) => readonly StatusNote[]): Promise<void> => {
    const changed = last.then(async () => store(storage, key, alter(await all())));
    last = changed.catch(() => {});
    return changed;
  };
  return {
    all,
    add: (note) => change((notes) => [...notes.filter((one) => !isSame(one, note)), note]),
    remove: (note) => change((notes) => notes.filter((one) => !isSame(one, note))),
  };
}

function store(storage: StoragePort, key: string, notes: readonly StatusNote[]): Promise<void> {
  const value: JsonValue = notes.map((note) => JSON.parse(JSON.stringify(note)));
  return notes.length === 0 ? storage.delete(key) : storage.set(key, value);
}

function isSame(one: StatusNote, other: StatusNote): boolean {
  const fields = ["installation", "channel_id", "message_ts", "name"] as const;
  return fields.every((field) => one[field] === other[field]);
}

const noteSchema: z.ZodType<StatusNote> = z.object({
  channel_id: z.string(),
  message_ts: z.string(),
  thread_ts: z.string().optional(),
  installation: z.string().optional(),
  name: z.string(),
});
