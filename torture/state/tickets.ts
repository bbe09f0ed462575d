import type { IntegrationState } from "@core/integrations-state";

/** A number that the state gives out once, and to whom. */
export interface Ticket {
  readonly number: number;
  readonly owner: string;
}

const COUNTER = "tickets";

/** Takes the next number, and leaves a note of it in the history as a notification does. */
export function drawTicket(state: IntegrationState, owner: string): Ticket {
  const counter = state.destinations.find(({ name }) => name === COUNTER);
  const number = Number(counter?.url ?? 0) + 1;
  const time = new Date().toISOString();
  if (counter !== undefined) counter.url = `${number}`;
  else state.destinations.push({ ...newCounter, url: `${number}` });
  const message = "The nightly run has ended with three warnings.";
  const meta = { destination: "team", status: 200, attempts: 1, outcome: "delivered" };
  const id = `${number} ${owner}`;
  state.notifications.push({ ...newNotification, id, message, created_at: time, meta });
  return { number, owner };
}

/** What the history tells of tickets. */
export function ticketsIn(state: Pick<IntegrationState, "notifications">): readonly Ticket[] {
  return state.notifications.map(({ id }) => {
    const [number, owner = ""] = id.split(" ");
    return { number: Number(number), owner };
  });
}

const newCounter = { name: COUNTER, channel: "slack", is_default: false, created_at: "", updated_at: "" };
const newNotification = { channel: "slack", priority: "normal", delivered: true } as const;
