import type {
  Delivery,
  DeliveryContext,
  DeliveryOutcome,
  Dispatcher,
  GrowingDelivery,
  SentPart,
  StreamSink,
} from "@core/registry";
import { delivered, retryable } from "@core/registry";
import { createFaultLine } from "../src/faults/fault-plan.ts";
import type { FaultLine } from "../src/faults/fault-plan.ts";
import type { DispatcherSubject } from "../src/index.ts";

/** A wall in memory, whose messages may be rewritten. Requests to it meet faults. */
export interface Wall {
  readonly messages: WallMessage[];
  readonly faults: FaultLine;
  /** Makes a request; throws when its answer is lost, and false is a refusal. */
  request(change: () => void): boolean;
}

interface WallMessage {
  readonly note: string;
  text: string;
  isGrowing: boolean;
}

/** What to make of a dispatcher that keeps the contract. */
export type WallChange = (right: Dispatcher, wall: Wall) => Dispatcher;

/** A dispatcher that shows results while they grow as a subject, changed or as it is. */
export function wallSubject(change: WallChange = (right) => right): DispatcherSubject {
  return {
    graceMs: 200,
    async open() {
      const wall = createWall();
      const received = async (): Promise<readonly WallMessage[]> => wall.messages;
      return {
        dispatcher: change(wallDispatcher(wall), wall),
        target: undefined,
        receiver: { faults: wall.faults, received },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

function createWall(): Wall {
  const faults = createFaultLine();
  return {
    messages: [],
    faults,
    request(change) {
      const waiting = faults.next();
      if (waiting === null || waiting.fault === "drop_after") change();
      waiting?.strike();
      if (typeof waiting?.fault === "string") throw new Error("The answer was lost.");
      return waiting === null;
    },
  };
}

function wallDispatcher(wall: Wall): Dispatcher {
  return {
    capabilities: { edit: true },
    deliver: (delivery, context) => deliver(delivery, context, wall),
    reconcile: async ({ id }) =>
      find(wall, id) === undefined ? { status: "not_sent" } : { status: "partly_sent", parts: [GROWN] },
    stream: (delivery, context) => stream(delivery, context, wall),
  };
}

const GROWN: SentPart = { index: 0, shows: "" };

async function deliver(
  delivery: Delivery,
  { signal, partSent }: DeliveryContext,
  wall: Wall,
): Promise<DeliveryOutcome> {
  signal.throwIfAborted();
  const { id, sent_parts: parts } = delivery;
  if (delivery.kind !== "task_result") return delivered();
  const { text } = delivery.payload.result;
  if (parts.at(-1)?.shows === text) return delivered();
  const message = parts.length === 0 ? undefined : find(wall, id);
  const isTaken = wall.request(() => {
    if (message === undefined) wall.messages.push({ note: id, text, isGrowing: false });
    else Object.assign(message, { text, isGrowing: false });
  });
  if (!isTaken) return retryable({ code: "http_503", message: "The wall is closed." });
  await partSent({ index: 0, shows: text });
  return delivered();
}

function find({ messages }: Wall, id: string): WallMessage | undefined {
  return messages.find(({ note }) => note === id);
}

/** Rewrites the message once a second. */
function stream({ id }: GrowingDelivery, { clock, partSent }: DeliveryContext, wall: Wall): StreamSink {
  let text = "";
  let isOver = false;
  let turn = Promise.resolve();
  let cancel = (): void => {};
  const write = async (isGrowing: boolean): Promise<void> => {
    const message = find(wall, id);
    if (message === undefined) await partSent(GROWN);
    wall.request(() => {
      if (message === undefined) wall.messages.push({ note: id, text, isGrowing });
      else Object.assign(message, { text, isGrowing });
    });
  };
  return {
    append(more) {
      if (isOver) return;
      text += more;
      cancel();
      cancel = clock.after(1_000, () => void (turn = turn.then(() => write(true)).catch(() => {})));
    },
    async finish() {
      isOver = true;
      cancel();
      await turn;
      if (find(wall, id) !== undefined) await write(false).catch(() => {});
    },
  };
}
