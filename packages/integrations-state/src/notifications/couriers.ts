import type { FieldIssue } from "@core/registry";
import { builtInChannels } from "../channels/built-in-channels.ts";
import type { NotificationChannel } from "../channels/notification-channel.ts";
import { invalidInput } from "../errors.ts";
import type { IntegrationsParts } from "../integrations-parts.ts";
import type { Courier } from "./courier.ts";
import { createHttpCourier } from "./http-courier.ts";
import { createMailCourier } from "./mail-courier.ts";
import { parseSmtpSettings } from "./smtp-settings.ts";
import type { SmtpOptions } from "./smtp-settings.ts";

export interface CouriersOptions {
  /** Further channels, beside `slack`, `discord`, `webhook` and `email`. */
  readonly channels?: readonly NotificationChannel[];
  /** The server that mail is sent by. Default: none, and mail is recorded only. */
  readonly smtp?: SmtpOptions;
}

/** Who brings notifications, by channel. */
export type Couriers = ReadonlyMap<string, Courier>;

/** @throws INTEGRATIONS_INPUT_INVALID when a channel's name is taken or none, or the mail server cannot be meant */
export function createCouriers(parts: IntegrationsParts, options: CouriersOptions = {}): Couriers {
  const channels = [...builtInChannels, ...(options.channels ?? [])];
  const smtp = options.smtp === undefined ? null : parseSmtpSettings(options.smtp);
  const couriers = [
    ...channels.map((channel) => createHttpCourier(channel, parts)),
    createMailCourier(smtp, parts),
  ];
  const issues = nameIssues(couriers.map(({ channel }) => channel));
  if (issues.length > 0) throw invalidInput("The channels of this instance cannot be used.", issues);
  return new Map(couriers.map((courier) => [courier.channel, courier]));
}

/** How channels and destinations are called. */
export const NAME_PATTERN: RegExp = /^[a-z0-9][a-z0-9_-]{0,63}$/;

function nameIssues(names: readonly string[]): FieldIssue[] {
  return names.flatMap((name, index) => {
    if (!NAME_PATTERN.test(name))
      return [{ field: "channels", message: `"${name}" is no name of a channel.` }];
    if (names.indexOf(name) === index) return [];
    return [{ field: "channels", message: `There are two channels called "${name}". Rename one.` }];
  });
}
