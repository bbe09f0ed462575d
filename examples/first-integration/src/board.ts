import {
  ambiguous,
  defineIntegration,
  delivered,
  misconfigured,
  neverSent,
  permanent,
  retryable,
  type Delivery,
  type DeliveryContext,
  type DeliveryOutcome,
  type Integration,
  type IntegrationContext,
  type Reconciliation,
} from "@core/registry";
import { z } from "zod";

const target = z.strictObject({ board: z.string().regex(/^[a-z]+$/) });
const config = z.object({ BOARD_URL: z.url() }).transform((variables) => ({ url: variables.BOARD_URL }));
type Target = z.infer<typeof target>;
type Context = IntegrationContext<z.infer<typeof config>>;

/** Pins results to a board, as notes. */
export const board: Integration = defineIntegration<Target, z.infer<typeof config>>({
  type: "board",
  apiVersion: 1,
  environment: { required: ["BOARD_URL", "BOARD_TOKEN"], secret: ["BOARD_TOKEN"] },
  config,
  dispatcher: { target, orderKey: (to) => to.board },
  setup: (context) => ({
    deliver: (delivery, { signal }) => pin(delivery, signal, context),
    reconcile: (delivery, { signal }) => look(delivery, signal, context),
    hooks: [
      {
        event: "after_tool_call",
        listener: ({ data }) => context.logger.debug({ tool: data.tool_name }, "A tool has run."),
      },
    ],
  }),
});

async function pin(
  delivery: Delivery<Target>,
  signal: DeliveryContext["signal"],
  context: Context,
): Promise<DeliveryOutcome> {
  const text = textOf(delivery);
  if (text === null)
    return permanent({ code: "kind_unsupported", message: `No note of a ${delivery.kind}.` });
  try {
    const response = await call(context, delivery.target, {
      method: "POST",
      body: note(delivery, text),
      signal,
    });
    return outcomeOf(response, await response.text());
  } catch (error) {
    const failure = { code: "no_answer", message: "The board did not answer." };
    return neverSent(error) ? retryable(failure) : ambiguous(failure);
  }
}

function outcomeOf({ status, headers }: Response, answer: string): DeliveryOutcome {
  const failure = { code: `http_${status}`, message: `The board answered ${status}.` };
  if (status === 201) return delivered({ externalIds: [answer] });
  if (status === 401) return misconfigured({ ...failure, message: "The board refuses BOARD_TOKEN." });
  if (status === 429) {
    return retryable({ ...failure, retryAfterMs: Number(headers.get("retry-after") ?? 1) * 1_000 });
  }
  return status >= 500 ? ambiguous(failure) : permanent(failure);
}

/** Every note carries the id of its delivery, so that one whose answer was lost is found again. */
async function look(
  { id, target: to }: Delivery<Target>,
  signal: DeliveryContext["signal"],
  context: Context,
): Promise<Reconciliation> {
  const response = await call(context, to, { signal });
  if (response.status === 404) return { status: "unknown", reason: "The board is gone." };
  if (!response.ok) throw new Error(`The board answered ${response.status}.`); // it is asked again later
  const notes = z.array(z.object({ id: z.string(), key: z.string() })).parse(await response.json());
  const found = notes.filter(({ key }) => key === id);
  return found.length === 0
    ? { status: "not_sent" }
    : { status: "sent", externalIds: found.map((one) => one.id) };
}

async function call(
  { config: { url }, http, secrets }: Context,
  to: Target,
  init: RequestInit,
): Promise<Response> {
  const token = await secrets.resolve("BOARD_TOKEN");
  return http.fetch(`${url}/boards/${to.board}/notes`, {
    ...init,
    headers: { authorization: `Bearer ${token ?? ""}`, "content-type": "application/json" },
  });
}

function note({ id, bot }: Delivery<Target>, text: string): string {
  return JSON.stringify({ key: id, author: bot?.display_name ?? bot?.name ?? "agent", text });
}

function textOf({ kind, payload }: Delivery<Target>): string | null {
  switch (kind) {
    case "task_result":
    case "child_result":
      return payload.result.text;
    case "task_error":
      return `It failed: ${payload.error.message}`;
    case "message":
    case "mirror":
      return payload.text;
    default:
      return null;
  }
}
