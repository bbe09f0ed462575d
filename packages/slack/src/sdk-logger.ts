import type { Logger } from "@core/registry";
import { LogLevel } from "@slack/web-api";
import type { WebClientOptions } from "@slack/web-api";

/** Hands on what the SDK warns of, for those who look closely; the rest would show people's messages. */
export function sdkLogger(logger: Logger): NonNullable<WebClientOptions["logger"]> {
  const handOn = (...messages: unknown[]): void => {
    const [message] = messages;
    if (typeof message === "string") logger.debug({ sdk_message: message }, "Slack's SDK has a remark.");
  };
  return {
    debug: () => {},
    info: () => {},
    warn: handOn,
    error: handOn,
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
