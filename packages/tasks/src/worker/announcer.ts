import type { Database } from "@core/database";
import type { Clock, Logger } from "@core/registry";
import { v7 as uuidv7 } from "uuid";
import { newsChannel } from "../store/channel.ts";

/** What `pg_notify` is called with. */
export interface Announcement {
  readonly channel: string;
  readonly payload: string;
}

/** What workers tell each other. `tasks`, `deliveries` and `schedules`: there are new ones. */
export type News = "tasks" | "deliveries" | "schedules" | "cancel";

/** Tells workers in other processes that there is something to look at, and hears it from them. */
export interface Announcer {
  /** There are new tasks. The first is told at once, the next ones together a moment later. */
  announce(): void;
  /** The same for a statement that tells it itself when it commits; null: announce it once it has committed. */
  takeTurn(): Announcement | null;
  /** There are new deliveries, told like new tasks. */
  announceDeliveries(): void;
  /** A schedule is new, or due at another time. */
  announceSchedules(): void;
  /** Somebody cancelled a task that runs. */
  announceCancel(): void;
  /** Calls back when another process has announced something, until the returned function is called. */
  hear(handler: (news: News) => void): Promise<() => Promise<void>>;
}

/** Notifying commits wait for each other in the whole database, so there are at most so many. */
const QUIET_MS = 10;
const PROBE_MS = 2_000;

export function createAnnouncer(
  database: Pick<Database, "listen" | "notify">,
  schema: string,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Announcer {
  const self = uuidv7();
  const channel = newsChannel(schema);
  const tasks = createTurns(() => send("tasks"));
  const deliveries = createTurns(() => send("deliveries"));

  return {
    announce: tasks.announce,
    takeTurn: () => (tasks.take() ? { channel, payload: `tasks ${self}` } : null),
    announceDeliveries: deliveries.announce,
    announceSchedules: () => send("schedules"),
    announceCancel: () => send("cancel"),
    async hear(handler) {
      const probe = createProbe();
      const undo = await database.listen(
        channel,
        (payload) => {
          const [news = "", sender = ""] = payload.split(" ");
          if (sender === self) return probe.heard();
          if (isNews(news)) handler(news);
        },
        {
          onReconnect() {
            handler("tasks");
            handler("deliveries");
            handler("schedules");
          },
        },
      );
      send("probe");
      return async () => {
        probe.heard();
        await undo();
      };
    },
  };

  /** The first announcement has its turn at once, those of the next moment have theirs together when it is over. */
  function createTurns(tell: () => void): { announce(): void; take(): boolean } {
    let isQuiet = false;
    let hasMore = false;
    return { announce, take };

    function announce(): void {
      if (take()) tell();
      else hasMore = true;
    }

    function take(): boolean {
      if (isQuiet) return false;
      isQuiet = true;
      clock.after(QUIET_MS, () => {
        isQuiet = false;
        if (!hasMore) return;
        hasMore = false;
        announce();
      });
      return true;
    }
  }

  /** Not awaited: whoever misses it polls. */
  function send(news: News | "probe"): void {
    database.notify(channel, `${news} ${self}`).catch((error: unknown) => {
      logger.debug({ err: error }, "A notification was not sent; workers find the work when they poll.");
    });
  }

  /** A pooler between us and the database may take LISTEN and never pass anything on. */
  function createProbe(): { heard(): void } {
    const cancel = clock.after(PROBE_MS, () => {
      logger.warn(
        {},
        "Notifications of the database do not arrive here, perhaps because of a pooler in transaction mode. Workers poll instead, so tasks of other processes start up to a second later.",
      );
    });
    return { heard: cancel };
  }
}

function isNews(text: string): text is News {
  return ["tasks", "deliveries", "schedules", "cancel"].includes(text);
}
