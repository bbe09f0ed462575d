import type { NotificationChannel } from "./notification-channel.ts";

/** Any endpoint that takes `{ message, attachments }`. */
export const webhookChannel: NotificationChannel = {
  name: "webhook",
  compose: ({ id, message, priority, attachments }) => ({
    requests: [
      {
        body: { message, attachments },
        headers: { "x-notification-id": id, "x-notification-priority": priority },
      },
    ],
    notes: [],
  }),
};
