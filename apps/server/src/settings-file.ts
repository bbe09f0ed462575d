import { readFile, stat } from "node:fs/promises";
import type { z } from "zod";
import { describeJsonMistake } from "./http/json-mistake.ts";
import { StartError } from "./start-error.ts";

/** A JSON file that an operator names by a variable. */
export interface SettingsFile<Content> {
  /** Such as `BOTS_FILE`. */
  readonly variable: string;
  readonly file: string;
  readonly schema: z.ZodType<Content>;
  readonly maxBytes: number;
}

/** How many mistakes an error lists. */
const MAX_LISTED = 20;

/**
 * Reads and checks a file of settings.
 * @throws StartError naming the variable, the file, the place of each mistake within it, and the fix
 */
export async function readSettingsFile<Content>(settings: SettingsFile<Content>): Promise<Content> {
  const { variable, file, schema } = settings;
  const content = parsed(await textOf(settings), settings);
  const checked = check(schema, content);
  if (checked === null) throw mistake(settings, "is nested too deeply. Flatten it.");
  if (checked.success) return checked.data;
  const lines = placedMistakes(checked.error).map(({ path, message }) => `  ${placeOf(path)}: ${message}`);
  const more = lines.length > MAX_LISTED ? [`  and ${lines.length - MAX_LISTED} more`] : [];
  throw new StartError(
    [`${variable}: ${file} is not valid:`, ...lines.slice(0, MAX_LISTED), ...more].join("\n"),
  );
}

/** What a mistake says whose schema has no words of its own: the fix. */
export const settingsWording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") return wrongType(issue.expected, issue.input);
  if (issue.code === "invalid_value") return `use one of ${issue.values.map(String).join(", ")}.`;
  if (issue.code === "too_small") return `use at least ${amount(issue.minimum, issue.origin)}.`;
  if (issue.code === "too_big") return `use at most ${amount(issue.maximum, issue.origin)}.`;
  // Only the schema of any JSON is a union.
  if (issue.code === "invalid_union") return "use a JSON value whose numbers are at most 1.8e308.";
  return undefined;
};

/** The mistakes of a file or a part of it, each at its own place; an unknown field is one of its own. */
export function placedMistakes(error: z.ZodError): readonly PlacedMistake[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownField }))
      : [{ path: issue.path, message: issue.message }],
  );
}

export interface PlacedMistake {
  readonly path: PropertyKey[];
  readonly message: string;
}

const unknownField = "is not known. Remove it, or correct its spelling.";

async function textOf(settings: SettingsFile<unknown>): Promise<string> {
  const bytes = await bytesOf(settings);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw mistake(settings, "is not text in UTF-8. Save it as UTF-8.");
  }
}

async function bytesOf(settings: SettingsFile<unknown>): Promise<Uint8Array> {
  const { file, maxBytes } = settings;
  try {
    const found = await stat(file);
    // Reading a pipe or a device might never end.
    if (!found.isFile()) throw mistake(settings, "is not a file. Name a JSON file.");
    if (found.size > maxBytes) throw mistake(settings, `has more than ${maxBytes} bytes. Make it smaller.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw mistake(
      settings,
      `cannot be read (${code}). Name a file that is there and may be read by this user.`,
    );
  }
}

function parsed(text: string, settings: SettingsFile<unknown>): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw mistake(settings, `is not JSON: ${describeJsonMistake(text)}.`);
  }
}

/** Null for what is nested deeper than a schema can follow. */
function check<Content>(schema: z.ZodType<Content>, content: unknown): z.ZodSafeParseResult<Content> | null {
  try {
    return schema.safeParse(content, { error: settingsWording });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Such as `scenes[1].steps[0].tool`. */
function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return place === "" ? "the whole file" : place.replace(/^\./, "");
}

function wrongType(expected: string, input: unknown): string {
  const type = article(typeNames[expected] ?? expected);
  return input === undefined ? `is missing. Give ${type}.` : `use ${type}, not ${kindOf(input)}.`;
}

const typeNames: Readonly<Record<string, string>> = { record: "object", int: "whole number" };

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  return article(Array.isArray(value) ? "array" : typeof value);
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function amount(count: number | bigint, origin: string): string {
  const unit = { string: " character", array: " item" }[origin];
  return unit === undefined ? `${count}` : `${count}${unit}${Number(count) === 1 ? "" : "s"}`;
}

function mistake({ variable, file }: SettingsFile<unknown>, what: string): StartError {
  return new StartError(`${variable}: ${file} ${what}`);
}
