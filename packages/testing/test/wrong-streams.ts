import type { Dispatcher, GrowingDelivery, StreamSink } from "@core/registry";
import type { Wall } from "./wall.ts";

/** Does not say that it shows results while they grow. */
export function declaresNothing({ capabilities: _capabilities, ...right }: Dispatcher): Dispatcher {
  return right;
}

/** Keeps everything to itself until the end. */
export function waitsForTheEnd(right: Dispatcher): Dispatcher {
  return withSink(right, (sink) => {
    let text = "";
    return {
      append: (more) => void (text += more),
      async finish() {
        sink.append(text);
        await sink.finish();
      },
    };
  });
}

/** Sends the whole result beside what has grown. */
export function sendsItTwice(right: Dispatcher, wall: Wall): Dispatcher {
  return {
    ...right,
    deliver(delivery, context) {
      for (const message of wall.messages) Object.assign(message, { note: "" });
      return right.deliver({ ...delivery, sent_parts: [] }, context);
    },
  };
}

/** Takes what has grown for the result, whatever it says. */
export function changesNothing(right: Dispatcher): Dispatcher {
  return {
    ...right,
    async deliver(delivery, context) {
      if (delivery.sent_parts.length === 0) return right.deliver(delivery, context);
      return { status: "delivered", externalIds: [] };
    },
  };
}

/** Notes nothing of what it is about to show. */
export function notesNothing(right: Dispatcher): Dispatcher {
  return {
    ...right,
    stream: (delivery, context) =>
      right.stream?.(delivery, { ...context, partSent: async () => {} }) ?? unreachable(),
  };
}

/** Leaves open what it has begun. */
export function closesNothing(right: Dispatcher): Dispatcher {
  return withSink(right, (sink) => ({ ...sink, finish: async () => {} }));
}

/** Goes on after its end. */
export function neverStops(right: Dispatcher, wall: Wall): Dispatcher {
  return withSink(right, (sink, { id }) => ({
    append(text) {
      sink.append(text);
      const mine = wall.messages.find(({ note }) => note === id);
      if (mine !== undefined) wall.request(() => void (mine.text += text));
    },
    finish: () => sink.finish(),
  }));
}

/** Does not come back from its end. */
export function neverEnds(right: Dispatcher): Dispatcher {
  return withSink(right, (sink) => ({ ...sink, finish: () => new Promise(() => {}) }));
}

/** Rejects what no stream may reject. */
export function failsInTheEnd(right: Dispatcher): Dispatcher {
  return withSink(right, (sink) => ({
    ...sink,
    async finish() {
      await sink.finish();
      throw new Error("no end");
    },
  }));
}

function withSink(
  right: Dispatcher,
  change: (sink: StreamSink, delivery: GrowingDelivery) => StreamSink,
): Dispatcher {
  return {
    ...right,
    stream: (delivery, context) => change(right.stream?.(delivery, context) ?? unreachable(), delivery),
  };
}

function unreachable(): never {
  throw new Error("The right dispatcher has a stream.");
}
