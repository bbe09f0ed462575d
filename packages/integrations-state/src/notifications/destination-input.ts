import { fieldIssues } from "@core/registry";
import { z } from "zod";
import { invalidInput } from "../errors.ts";
import { NAME_PATTERN } from "./couriers.ts";
import type { Couriers } from "./couriers.ts";
import { unknownChannel } from "./notification-input.ts";

/** A destination that has been checked. */
export interface DestinationRequest {
  readonly name: string;
  readonly channel: string;
  readonly url: string;
  readonly is_default?: boolean;
}

/** @throws INTEGRATIONS_INPUT_INVALID naming every wrong field, and never the address */
export function readDestination(input: unknown, couriers: Couriers): DestinationRequest {
  const result = destinationSchema.safeParse(input);
  const { channel, url } = givenSchema.parse(input);
  const courier = couriers.get(channel ?? "");
  const urlIssue = url === undefined ? null : (courier?.addressIssue(url) ?? null);
  const issues = [
    ...fieldIssues(result.error?.issues ?? []),
    ...(channel === undefined || courier ? [] : [unknownChannel(couriers)]),
    ...(urlIssue === null ? [] : [{ field: "url", message: urlIssue }]),
  ];
  if (result.success && issues.length === 0) return result.data;
  throw invalidInput("The destination was not set.", issues);
}

const destinationSchema: z.ZodType<DestinationRequest> = z.strictObject(
  {
    name: z
      .string("Write a name.")
      .regex(
        NAME_PATTERN,
        "Write small letters, digits, - and _, at most 64, and no - or _ at the beginning.",
      ),
    channel: z.string("Write the name of a channel."),
    url: z.string("Write a URL.").trim(),
    is_default: z.boolean("Write true or false, or leave it out.").exactOptional(),
  },
  "Write an object with name, channel and url.",
);

const givenSchema = z
  .object({
    channel: z.string().optional().catch(undefined),
    url: z.string().trim().optional().catch(undefined),
  })
  .catch({});
