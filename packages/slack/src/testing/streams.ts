import type { Clock } from "@core/registry";
import type { StoredMessage } from "./message-rules.ts";
import type { Chunk, StreamPiece } from "./stream-chunks.ts";
import { pieceBytes } from "./stream-chunks.ts";

export type StreamState = "in_progress" | "completed" | "expired" | "stopped_by_user";

/** A message that is, or was, streamed. */
export interface FakeStream {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string;
  readonly state: StreamState;
  readonly text: string;
  /** Tasks, plans and blocks in the order in which they came; of a task, its last state. */
  readonly chunks: readonly Chunk[];
  /** How many calls have added to it. */
  readonly appends: number;
}

/** A stream, and whose it is. */
interface OwnedStream extends FakeStream {
  readonly appId: string | undefined;
}

export interface StreamLimits {
  /** Of one message, all calls together. Default 11,600. */
  readonly bytes: number;
  /** After which Slack closes a stream by itself. Default five minutes. */
  readonly lifetimeMs: number;
}

/** The streams of a fake Slack, by their messages. */
export interface FakeStreams {
  open(stream: Pick<OwnedStream, "channel" | "ts" | "threadTs" | "appId">): void;
  find(channel: string, ts: string): OwnedStream | undefined;
  /** A stream as it is now. */
  snapshot(channel: string, ts: string): FakeStream | undefined;
  isOpen(channel: string, ts: string): boolean;
  /** Whether there is room for a piece. */
  holds(channel: string, ts: string, piece: StreamPiece): boolean;
  add(channel: string, ts: string, piece: StreamPiece): void;
  end(channel: string, ts: string, state: Exclude<StreamState, "in_progress">): void;
  /** A person ends all that is streamed in a thread; tells which messages it were. */
  stopThread(channel: string, threadTs: string): readonly string[];
  /** Somebody has changed the message after its stream. */
  edited(channel: string, ts: string): void;
  /** A message as Slack shows it: with the text and the state of its stream, and not as edited by it. */
  shown(channel: string, message: StoredMessage): StoredMessage;
  reset(): void;
}

export function createStreams(clock: Clock, { bytes, lifetimeMs }: StreamLimits): FakeStreams {
  const streams = new Map<string, OpenStream>();
  const find = (channel: string, ts: string): OpenStream | undefined => {
    const stream = streams.get(`${channel} ${ts}`);
    const isOver = stream?.state === "in_progress" && clock.now() >= stream.openedAt + lifetimeMs;
    if (isOver) stream.state = "expired";
    return stream;
  };
  return {
    open({ channel, ts, threadTs, appId }) {
      const empty = { text: "", chunks: [], appends: 0, bytes: 0, isEdited: false };
      const begun = { state: "in_progress", openedAt: clock.now() } as const;
      streams.set(`${channel} ${ts}`, { channel, ts, threadTs, appId, ...begun, ...empty });
    },
    find,
    snapshot(channel, ts) {
      const stream = find(channel, ts);
      if (stream === undefined) return undefined;
      const { threadTs, state, text, chunks, appends } = stream;
      return { channel, ts, threadTs, state, text, chunks, appends };
    },
    isOpen: (channel, ts) => find(channel, ts)?.state === "in_progress",
    holds: (channel, ts, piece) => (find(channel, ts)?.bytes ?? 0) + pieceBytes(piece) <= bytes,
    add(channel, ts, piece) {
      const stream = find(channel, ts);
      if (stream !== undefined) addPiece(stream, piece);
    },
    end(channel, ts, state) {
      const stream = find(channel, ts);
      if (stream !== undefined) stream.state = state;
    },
    stopThread(channel, threadTs) {
      const inThread = [...streams.values()].filter(
        (one) => one.channel === channel && one.threadTs === threadTs,
      );
      const stopped = inThread.filter(({ ts }) => find(channel, ts)?.state === "in_progress");
      for (const stream of stopped) stream.state = "stopped_by_user";
      return stopped.map(({ ts }) => ts);
    },
    edited(channel, ts) {
      const stream = find(channel, ts);
      if (stream !== undefined) stream.isEdited = true;
    },
    shown(channel, message) {
      const stream = find(channel, message.ts);
      return stream === undefined ? message : dressed(stream, message);
    },
    reset: () => streams.clear(),
  };
}

interface OpenStream extends OwnedStream {
  readonly openedAt: number;
  state: StreamState;
  text: string;
  chunks: readonly Chunk[];
  appends: number;
  bytes: number;
  isEdited: boolean;
}

function addPiece(stream: OpenStream, piece: StreamPiece): void {
  stream.text += piece.text;
  stream.bytes += pieceBytes(piece);
  stream.appends += 1;
  for (const chunk of piece.others) {
    const isSame = (other: Chunk): boolean => chunk.type === "task_update" && other["id"] === chunk["id"];
    stream.chunks = stream.chunks.some(isSame)
      ? stream.chunks.map((other) => (isSame(other) ? chunk : other))
      : [...stream.chunks, chunk];
  }
}

function dressed({ state, text, isEdited }: OpenStream, message: StoredMessage): StoredMessage {
  const { edited: _byStream, ...streamed } = message;
  const shown = isEdited ? message : { ...streamed, text };
  return { ...shown, streaming_state: state === "in_progress" ? "in_progress" : "completed" };
}
