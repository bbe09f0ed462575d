import type {
  ApprovalDecision,
  HostPort,
  InboundMessage,
  IngestReceipt,
  InjectedMessage,
} from "@core/registry";

export interface FakeHost extends HostPort {
  /** Messages that were taken, duplicates not among them. */
  readonly ingested: readonly InboundMessage[];
  readonly injected: readonly InjectedMessage[];
  /** Ids of the tasks that were to be cancelled. */
  readonly cancelled: readonly string[];
  readonly decided: readonly { readonly approvalId: string; readonly decision: ApprovalDecision }[];
}

/**
 * A server that keeps what it is asked to do, and takes a message with a known `event_id` for a duplicate. It knows no
 * channel, task or approval: `answers` speak in its place.
 */
export function createFakeHost(answers: Partial<HostPort> = {}): FakeHost {
  const ingested: InboundMessage[] = [];
  const injected: InjectedMessage[] = [];
  const cancelled: string[] = [];
  const decided: FakeHost["decided"][number][] = [];
  return {
    ingested,
    injected,
    cancelled,
    decided,
    async ingest(message) {
      if (ingested.some((known) => known.event_id === message.event_id)) return { status: "duplicate" };
      const count = ingested.push(message);
      return answers.ingest?.(message) ?? accepted(count);
    },
    async inject(message) {
      const message_id = `injected-${injected.push(message)}`;
      const { session_id } = message;
      return answers.inject?.(message) ?? { message_id, session_id, task_id: null };
    },
    channelConfig: async (clientId) => answers.channelConfig?.(clientId) ?? null,
    async cancelTask(taskId) {
      cancelled.push(taskId);
      return answers.cancelTask?.(taskId) ?? false;
    },
    async decideApproval(approvalId, decision) {
      decided.push({ approvalId, decision });
      return answers.decideApproval?.(approvalId, decision) ?? "not_found";
    },
  };
}

function accepted(count: number): IngestReceipt {
  return { status: "accepted", message_id: `message-${count}`, task_id: `task-${count}` };
}
