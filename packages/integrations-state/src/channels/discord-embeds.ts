import type { JsonObject, JsonValue } from "@core/registry";
import { z } from "zod";
import { clipText, textLength } from "./split-text.ts";

const text = z.string("Write a text.").optional();

type Embed = z.output<typeof embedSchema>;
type Field = NonNullable<Embed["fields"]>[number];

const embedSchema = z.looseObject(
  {
    title: text,
    description: text,
    url: text,
    timestamp: text,
    color: z.number("Write a number, such as 16711680 for red.").optional(),
    author: z.looseObject({ name: text }, "Write an object with a name.").optional(),
    footer: z.looseObject({ text }, "Write an object with a text.").optional(),
    fields: z
      .array(
        z.looseObject(
          { name: z.string("Write a text."), value: z.string("Write a text.") },
          "Write an object with a name and a value.",
        ),
        "Write a list of fields.",
      )
      .optional(),
  },
  "Write an embed of Discord: a JSON object.",
);

export const discordEmbedSchema: z.ZodType = embedSchema;

/**
 * Cuts embeds to Discord's limits and deals them out to messages: at most 10 in one, with at most 6,000 characters
 * together. `notes` names all that was cut.
 */
export function fitEmbeds(attachments: readonly JsonValue[]): { messages: JsonObject[][]; notes: string[] } {
  const messages: JsonObject[][] = [];
  const notes: string[] = [];
  let room = 0;
  for (const [index, attachment] of attachments.entries()) {
    const fit = fitEmbed(embedSchema.parse(attachment), `attachments.${index}`);
    notes.push(...fit.notes);
    const current = messages.at(-1);
    if (current === undefined || current.length === MOST_EMBEDS || fit.length > room) {
      messages.push([fit.embed]);
      room = MOST_CHARACTERS - fit.length;
    } else {
      current.push(fit.embed);
      room -= fit.length;
    }
  }
  return { messages, notes };
}

const MOST_EMBEDS = 10;
const MOST_FIELDS = 25;
const MOST_CHARACTERS = 6_000;

/** One embed within its own limits, which together are more than a message may have: what comes first goes first. */
function fitEmbed(embed: Embed, path: string): { embed: JsonObject; length: number; notes: string[] } {
  const cutter = createCutter(path);
  const { title, author, description, footer, fields } = embed;
  const fitted = {
    ...embed,
    title: cutter.fit("title", title, 256),
    author: author && { ...author, name: cutter.fit("author.name", author.name, 256) },
    description: cutter.fit("description", description, 4_096),
    footer: footer && { ...footer, text: cutter.fit("footer.text", footer.text, 2_048) },
    fields: fields && fitFields(fields, cutter),
  };
  // Leaves out what is undefined.
  const object: JsonObject = JSON.parse(JSON.stringify(fitted));
  return { embed: object, length: MOST_CHARACTERS - cutter.room(), notes: cutter.notes };
}

/** A field is kept if there is room for the whole of it: half a row of figures is worse than none. */
function fitFields(fields: readonly Field[], cutter: Cutter): Field[] {
  const fitted: Field[] = [];
  for (const [index, field] of fields.entries()) {
    const length = Math.min(textLength(field.name), 256) + Math.min(textLength(field.value), 1_024);
    if (index >= MOST_FIELDS || length > cutter.room()) break;
    fitted.push({
      ...field,
      name: cutter.fit(`fields.${index}.name`, field.name, 256),
      value: cutter.fit(`fields.${index}.value`, field.value, 1_024),
    });
  }
  if (fitted.length < fields.length) {
    cutter.note("fields", `was cut from ${fields.length} to ${fitted.length} fields`);
  }
  return fitted;
}

/** Cuts the texts of one embed, and counts how much of a message they take. */
interface Cutter {
  readonly notes: string[];
  room(): number;
  fit<Text extends string | undefined>(field: string, text: Text, limit: number): Text | string;
  note(field: string, what: string): void;
}

function createCutter(path: string): Cutter {
  const notes: string[] = [];
  let room = MOST_CHARACTERS;
  const note = (field: string, what: string): void => void notes.push(`${path}.${field} ${what}.`);
  return {
    notes,
    note,
    room: () => room,
    fit(field, whole, limit) {
      if (whole === undefined) return whole;
      const fitted = clipText(whole, Math.min(limit, room));
      room -= textLength(fitted);
      if (fitted !== whole) {
        note(field, `was cut from ${textLength(whole)} to ${textLength(fitted)} characters`);
      }
      return fitted;
    },
  };
}
