import type { JsonObject } from "@core/registry";
import type { DiagnosticHooks } from "./diagnostics/diagnostic-hooks.ts";
import type { ToolEvents } from "./events/tool-events.ts";
import type { AutoCommitOutcome, GitAutoCommit } from "./git/git-auto-commit.ts";
import type { DestinationSummary, Destinations } from "./notifications/destinations.ts";
import type { Notifications } from "./notifications/notifications.ts";
import type { GitAutoCommitConfig, StoredNotification } from "./state/integration-state.ts";
import type { StateMutator, StateUpdate } from "./state/state-store.ts";
import type { EmitOptions, EmitReport, WebhookSummary, Webhooks } from "./webhooks/webhooks.ts";

/** Webhooks, notifications and git auto-commit on one state. */
export interface Integrations
  extends Webhooks, Notifications, Destinations, GitAutoCommit, ToolEvents, AsyncDisposable {
  /** Replaces the hooks of this instance. */
  setDiagnosticHooks(hooks: DiagnosticHooks): void;
  /** All that is stored, without secrets. */
  getIntegrationState(): Promise<IntegrationStateView>;
  /** Changes the stored state itself, for those who extend it; secrets in it may be sealed. */
  updateState<Result>(mutator: StateMutator<Result>): Promise<StateUpdate<Result>>;
  /** Tells the webhooks of an event and commits if it is one to commit on. Failures are values. */
  publish(eventName: string, payload?: JsonObject, options?: EmitOptions): Promise<PublishReport>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface PublishReport {
  /** Null when no webhook could be told; `error` says why. */
  readonly webhooks: EmitReport | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly git: AutoCommitOutcome;
}

/** The state as anybody may see it. */
export interface IntegrationStateView {
  readonly version: 1;
  readonly updated_at: string;
  readonly webhooks: readonly WebhookSummary[];
  readonly git_auto_commit: GitAutoCommitConfig;
  /** Newest first. */
  readonly notifications: readonly StoredNotification[];
  readonly destinations: readonly DestinationSummary[];
}
