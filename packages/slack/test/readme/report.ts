import type { DeliveryOutcome, Dispatcher, IntegrationContext } from "@core/registry";

/** Sends a report with its figures into a thread; a server does this with what an agent's run gives back. */
export async function report(
  text: string,
  figures: Uint8Array,
  target: { readonly channel_id: string; readonly thread_ts: string },
  { dispatcher, context }: { readonly dispatcher: Dispatcher; readonly context: IntegrationContext },
): Promise<DeliveryOutcome> {
  const { files, logger, clock } = context;
  const file = await files.put(ReadableStream.from([figures]), {
    name: "figures.csv",
    content_type: "text/csv",
  });
  return dispatcher.deliver(
    {
      id: crypto.randomUUID(),
      dispatch_type: "slack",
      target,
      created_at: new Date(clock.now()).toISOString(),
      attempt: 1,
      bot: { name: "ada" },
      origin: null,
      sent_parts: [],
      kind: "task_result",
      payload: { task_id: "task-1", result: { text, files: [file], actions: [] } },
    },
    { signal: AbortSignal.timeout(60_000), logger, clock, partSent: async () => {} },
  );
}
