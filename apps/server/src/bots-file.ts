import type { Bot } from "@core/registry";
import { z } from "zod";
import { readSettingsFile } from "./settings-file.ts";

const MAX_BYTES = 1_048_576;

/**
 * Reads the bots by their ids, from a JSON array of
 * `{ "id", "name", "display_name"?, "avatar_url"?, "integration_config"?: { "<integration>": { … } } }`.
 * @throws StartError naming BOTS_FILE, the place of each mistake, and the fix
 */
export async function readBots(file: string): Promise<ReadonlyMap<string, Bot>> {
  const bots = await readSettingsFile({ variable: "BOTS_FILE", file, schema: listed, maxBytes: MAX_BYTES });
  return new Map(bots.map(({ id, ...bot }) => [id, bot]));
}

const name = z.string().min(1).max(255);

const listed: z.ZodType<readonly (Bot & { readonly id: string })[]> = z
  .array(
    z.strictObject({
      id: name,
      name,
      display_name: name.exactOptional(),
      avatar_url: z.string().refine(isWebAddress, "use an http or https URL.").exactOptional(),
      integration_config: z.record(name, z.record(z.string(), z.json())).exactOptional(),
    }),
  )
  .superRefine((bots, context) => {
    const first = new Map<string, number>();
    for (const [index, { id }] of bots.entries()) {
      const taken = first.get(id);
      if (taken === undefined) first.set(id, index);
      else
        context.addIssue({
          code: "custom",
          path: [index, "id"],
          message: `is the id of [${taken}] too. Use another one.`,
        });
    }
  });

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
