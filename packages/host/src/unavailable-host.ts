import type { HostPort } from "@core/registry";
import { HostError } from "./errors.ts";

/** The `host` port of a server that cannot do any of it yet: each call rejects and says so. */
export function unavailableHost(): HostPort {
  return {
    ingest: () => unavailable("ingest", "take messages from the outside world"),
    inject: () => unavailable("inject", "write messages into sessions"),
    channelConfig: () => unavailable("channelConfig", "tell the settings of channels"),
    cancelTask: () => unavailable("cancelTask", "cancel tasks for integrations"),
    decideApproval: () => unavailable("decideApproval", "take decisions on approvals"),
  };
}

function unavailable(method: keyof HostPort, ability: string): Promise<never> {
  return Promise.reject(
    new HostError({
      code: "HOST_PORT_UNAVAILABLE",
      message: `host.${method} was refused: this server cannot ${ability} yet. Catch this error and do without, or run a server that can.`,
      details: { method },
    }),
  );
}
