import type { Bot } from "./bot.ts";
import type { Clock } from "./clock.ts";
import type { Origin } from "./delivery.ts";
import type { ExecutionConfig } from "./execution-config.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Logger } from "./logger.ts";
import type { FileLink, FileRef } from "./task-result.ts";

/** All that an integration may use of its server, so that it needs no other @core package. */
export interface IntegrationContext<Config = unknown> {
  readonly logger: Logger;
  /** What the integration's `config` schema made of its variables; the secret ones are not among them. */
  readonly config: Config;
  readonly clock: Clock;
  readonly secrets: SecretPort;
  readonly http: HttpPort;
  readonly storage: StoragePort;
  readonly files: FilePort;
  readonly host: HostPort;
}

/** Resolves a secret at the moment of use; its value is never stored. */
export interface SecretPort {
  /** The secret that one of the integration's secret variables, or a reference such as `installation:T1`, names; null when there is none. */
  resolve(ref: string): Promise<string | null>;
}

/**
 * HTTP through the server's guard: private addresses refused but those that the operator has set in the integration's
 * environment, a deadline over the body, no redirects. `neverSent` tells what a rejection means.
 */
export interface HttpPort {
  readonly fetch: typeof fetch;
}

/** Keys and values of one integration, kept over restarts. */
export interface StoragePort {
  get(key: string): Promise<JsonValue | null>;
  set(key: string, value: JsonValue): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Files by reference. */
export interface FilePort {
  open(ref: FileRef): Promise<ReadableStream<Uint8Array> | null>;
  /** Where people can fetch a file that an integration cannot show them; null: nowhere. Made anew, since it expires. */
  link(ref: FileRef): FileLink | null;
  put(
    stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    meta: { readonly name: string; readonly content_type: string },
  ): Promise<FileRef>;
}

/** What an integration asks its server to do. */
export interface HostPort {
  /** Takes a message from the outside world; resolves after it is stored. A known `event_id` is a duplicate. */
  ingest(message: InboundMessage): Promise<IngestReceipt>;
  /** Writes a message into a session. */
  inject(message: InjectedMessage): Promise<InjectReceipt>;
  channelConfig(clientId: string): Promise<ChannelConfig | null>;
  /** False when there is no such task or it has ended. */
  cancelTask(taskId: string): Promise<boolean>;
  decideApproval(
    approvalId: string,
    decision: ApprovalDecision,
  ): Promise<"decided" | "already_resolved" | "not_found">;
}

export interface InboundMessage {
  /** The outside service's own id of the event; kept at least two hours to drop duplicates. */
  readonly event_id: string;
  /** Such as `slack:C123`. */
  readonly client_id: string;
  readonly text: string;
  readonly sender: { readonly id: string; readonly display_name?: string; readonly is_bot?: boolean };
  readonly mentioned: boolean;
  readonly origin: Origin;
  readonly files?: readonly FileRef[];
}

export type IngestReceipt =
  | { readonly status: "accepted"; readonly message_id: string; readonly task_id: string | null }
  | { readonly status: "duplicate" }
  | { readonly status: "ignored"; readonly reason: string };

export interface InjectedMessage {
  readonly session_id: string;
  readonly content: string;
  readonly source: string;
  readonly notify?: boolean;
  readonly run_agent?: boolean;
  readonly execution_config?: ExecutionConfig;
}

export interface InjectReceipt {
  readonly message_id: string;
  readonly session_id: string;
  readonly task_id: string | null;
}

export interface ChannelConfig {
  readonly channel_id: string;
  readonly client_id: string;
  readonly bot: (Bot & { readonly id: string }) | null;
  readonly require_mention: boolean;
  readonly passive_memory: boolean;
  readonly allow_bot_messages: boolean;
  readonly settings: JsonObject;
}

export interface ApprovalDecision {
  readonly allow: boolean;
  /** Who decided, in the outside service's words. */
  readonly decided_by: string;
}
