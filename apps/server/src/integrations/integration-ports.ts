import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@core/database";
import type { IntegrationPorts } from "@core/host";
import { createIntegrationStorage } from "@core/host";
import { createOutbound, createOutboundFetch } from "@core/outbound";
import type { Outbound } from "@core/outbound";
import type { FilePort, HostPort, Logger } from "@core/registry";
import type { Configuration } from "../configuration.ts";

export interface IntegrationPortsOptions {
  readonly database: Database;
  readonly files: FilePort;
  readonly host: HostPort;
  readonly configuration: Pick<Configuration, "outboundAllow" | "outboundTimeoutMs">;
  readonly logger: Logger;
}

/** What an integration still asks for when it has stopped is not waited for any longer. */
const CLOSE_MS = 2_000;

/** What integrations are given of this server. */
export interface ServerPorts {
  readonly ports: IntegrationPorts;
  /** Ends the connections of all of them. */
  close(): Promise<void>;
}

/** Each integration has connections of its own, since each trusts the addresses in its own settings alone. */
export function createIntegrationPorts(options: IntegrationPortsOptions): ServerPorts {
  const { database, files, host, configuration, logger } = options;
  const { outboundAllow: allow, outboundTimeoutMs: timeoutMs } = configuration;
  const opened: Outbound[] = [];
  return {
    ports: {
      http({ trustedOrigins }) {
        const outbound = createOutbound({ allow, trustedOrigins, logger });
        opened.push(outbound);
        return { fetch: createOutboundFetch(outbound, { timeoutMs }) };
      },
      storage: createIntegrationStorage(database),
      files,
      host,
    },
    async close() {
      const closed = Promise.all(opened.map((outbound) => outbound.close()));
      await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}
