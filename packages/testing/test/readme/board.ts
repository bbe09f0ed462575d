import { defineIntegration, delivered, permanent, retryable, skipped } from "@core/registry";
import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  HttpPort,
  Integration,
  IntegrationInstance,
  Reconciliation,
} from "@core/registry";
import type { BoardTarget } from "./board-target.ts";
import { boardTarget } from "./board-target.ts";
import { textOf, textParts } from "./board-text.ts";

/** Writes into rooms of a message board, which takes forty characters at a time and keeps a `note` with each. */
export const board: Integration = defineIntegration<BoardTarget, { readonly BOARD_URL: string }>({
  type: "board",
  apiVersion: 1,
  environment: { required: ["BOARD_URL", "BOARD_TOKEN"], secret: ["BOARD_TOKEN"] },
  dispatcher: { target: boardTarget, capabilities: { max_text: 40 }, orderKey: ({ room }) => room },
  async setup({ config, secrets, http }) {
    const token = (await secrets.resolve("BOARD_TOKEN")) ?? "";
    return boardDispatcher({ http, url: config.BOARD_URL, token });
  },
});

interface BoardAccess {
  readonly http: HttpPort;
  readonly url: string;
  readonly token: string;
}

function boardDispatcher(access: BoardAccess): IntegrationInstance<BoardTarget> {
  return {
    async deliver(delivery, context) {
      const text = textOf(delivery);
      if (text === null)
        return permanent({ code: "kind_unsupported", message: `No form: ${delivery.kind}.` });
      const parts = textParts(text, 40);
      for (const [index, part] of parts.entries()) {
        if (delivery.sent_parts.some((sent) => sent.index === index)) continue;
        const failure = await sendPart({ index, text: part }, delivery, context, access);
        if (failure !== null) return failure;
      }
      return parts.length === 0 ? skipped("There is no text.") : delivered();
    },
    reconcile: (delivery, { signal }) => reconcile(delivery, signal, access),
  };
}

/** A failed fetch throws: a lost answer. */
async function sendPart(
  part: { readonly index: number; readonly text: string },
  { id, target }: Delivery<BoardTarget>,
  { signal, partSent }: DeliveryContext,
  { http, url, token }: BoardAccess,
): Promise<DeliveryOutcome | null> {
  const response = await http.fetch(`${url}/rooms/${target.room}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ text: part.text, note: `${id}/${part.index}` }),
    signal,
  });
  const { status } = response;
  await response.text();
  if (!response.ok) return refusal(status, Number(response.headers.get("retry-after")) * 1_000);
  await partSent({ index: part.index });
  return null;
}

function refusal(status: number, retryAfterMs: number): DeliveryOutcome {
  const failure = { code: `http_${status}`, message: `The board answered ${status}.` };
  if (status !== 429 && status < 500) return permanent(failure);
  return retryable({ ...failure, ...(retryAfterMs > 0 && { retryAfterMs }) });
}

/** Looks for the delivery's id in the notes of the room. */
async function reconcile(
  delivery: Delivery<BoardTarget>,
  signal: AbortSignal,
  { http, url, token }: BoardAccess,
): Promise<Reconciliation> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await http.fetch(`${url}/rooms/${delivery.target.room}/messages`, { headers, signal });
  if (!response.ok) throw new Error(`The board answered ${response.status}.`);
  const messages = (await response.json()) as readonly { readonly note: string }[];
  const parts = textParts(textOf(delivery) ?? "", 40).map((_, index) => ({ index }));
  const found = parts.filter(({ index }) => messages.some(({ note }) => note === `${delivery.id}/${index}`));
  if (found.length === 0) return { status: "not_sent" };
  return found.length === parts.length
    ? { status: "sent", externalIds: [] }
    : { status: "partly_sent", parts: found };
}
