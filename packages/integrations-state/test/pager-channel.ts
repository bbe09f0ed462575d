import { clipText, judgeStatus, textLength } from "@core/integrations-state";
import type { NotificationChannel } from "@core/integrations-state";
import { permanent } from "@core/registry";
import { z } from "zod";

const SUMMARY_LIMIT = 1_024;
const severities = { low: 4, normal: 3, high: 2, urgent: 1 };

/** Pages whoever is on call. */
export const pagerChannel: NotificationChannel = {
  name: "pager",
  attachment: z.strictObject({ label: z.string(), href: z.url() }),
  addressIssue: ({ pathname }) =>
    pathname.startsWith("/rotas/") ? null : "Write the URL of a rota: https://pager.example/rotas/…",
  compose({ id, message, priority, attachments }) {
    const length = textLength(message);
    return {
      requests: [
        {
          headers: { "idempotency-key": id },
          body: {
            summary: clipText(message, SUMMARY_LIMIT),
            severity: severities[priority],
            links: attachments,
          },
        },
      ],
      notes: length > SUMMARY_LIMIT ? [`The message was cut from ${length} to ${SUMMARY_LIMIT}.`] : [],
    };
  },
  judge(answer) {
    if (answer.body !== "rota_closed") return judgeStatus(answer);
    return permanent({ code: "rota_closed", message: "Nobody is on call. Reopen the rota." });
  },
};
