import { z } from "zod";
import { placedMistakes, readSettingsFile, settingsWording } from "../../settings-file.ts";
import type { Scene, Script, Step } from "./script.ts";

/** Room for files in base64. */
const MAX_BYTES = 16 * 1_048_576;
const LONGEST_DELAY_MS = 86_400_000;

/**
 * Reads a script agent's script.
 * @throws StartError naming AGENT_SCRIPT, the place of each mistake, such as `scenes[1].steps[0].tool`, and the fix
 */
export function readScript(file: string): Promise<Script> {
  return readSettingsFile({ variable: "AGENT_SCRIPT", file, schema: scriptSchema, maxBytes: MAX_BYTES });
}

const wholeNumber = z.int().min(0);
const delayMs = wholeNumber.max(LONGEST_DELAY_MS);
const name = z.string().min(1).max(255);

const fileContent = z
  .strictObject({
    name,
    content_type: name.exactOptional(),
    text: z.string().exactOptional(),
    base64: z.base64("use base64.").exactOptional(),
    bytes: wholeNumber.exactOptional(),
  })
  .refine(
    (file) => ["text", "base64", "bytes"].filter((key) => Object.hasOwn(file, key)).length === 1,
    "use exactly one of text, base64, bytes.",
  );

/** By the key that tells what a step is. */
const stepSchemas: Readonly<Record<string, z.ZodType<Step>>> = {
  text: z.strictObject({ text: z.string() }),
  delay_ms: z.strictObject({ delay_ms: delayMs }),
  tool: z.strictObject({
    tool: name,
    args: z.record(z.string(), z.json()).exactOptional(),
    result: z.json().exactOptional(),
    duration_ms: delayMs.exactOptional(),
    error: z.string().exactOptional(),
  }),
  file: z.strictObject({ file: fileContent }),
  action: z.strictObject({ action: z.object({ type: name }).catchall(z.json()) }),
  error: z
    .strictObject({
      error: z.string(),
      retryable: z.boolean().exactOptional(),
      retry_after_ms: delayMs.exactOptional(),
    })
    .refine(({ retryable, retry_after_ms }) => retryable === true || retry_after_ms === undefined, {
      path: ["retry_after_ms"],
      message: 'only has a meaning beside "retryable": true. Add that, or remove this.',
    }),
};

const step: z.ZodType<Step> = z.unknown().transform((value, context): Step => {
  const kinds = kindsOf(value);
  const schema = stepSchemas[kinds[0] ?? ""];
  if (schema === undefined || kinds.length > 1) {
    const message = `use an object with exactly one of ${Object.keys(stepSchemas).join(", ")}.`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  const checked = schema.safeParse(value, { error: settingsWording });
  if (checked.success) return checked.data;
  for (const mistake of placedMistakes(checked.error)) context.addIssue({ code: "custom", ...mistake });
  return z.NEVER;
});

/** What a step says it is; the `error` of a tool belongs to the tool. */
function kindsOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const kinds = Object.keys(stepSchemas).filter((kind) => Object.hasOwn(value, kind));
  return kinds.includes("tool") ? kinds.filter((kind) => kind !== "error") : kinds;
}

const scene: z.ZodType<Scene> = z.strictObject({
  prompt: z.string().exactOptional(),
  attempt: wholeNumber.min(1).exactOptional(),
  steps: z.array(step),
});

const scriptSchema: z.ZodType<Script> = z.strictObject({ scenes: z.array(scene).min(1) });
