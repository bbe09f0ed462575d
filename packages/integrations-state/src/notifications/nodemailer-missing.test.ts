import { expect, test, vi } from "vitest";
import { openNotificationLab } from "../../test/notification-lab.ts";

let loads = 0;
vi.mock("nodemailer", () => {
  loads += 1;
  throw new Error("Cannot find package 'nodemailer'");
});

const mail = { channel: "email", message: "hello", webhook_url: "mailto:a@example.com" };

test("nodemailer is not needed as long as no mail server is set", async () => {
  await using lab = openNotificationLab();
  expect(await lab.sendNotification(mail)).toMatchObject({
    success: true,
    delivered: false,
    delivery: { status: "not_configured", error: { code: "smtp_not_configured" } },
  });
  expect(await lab.listNotifications()).toMatchObject([{ message: "hello", delivered: false }]);
  expect(loads).toBe(0);
});

test("with a mail server, mail fails and says what to install", async () => {
  const smtp = { url: "smtp://127.0.0.1:2525", from: "agents@example.com" };
  await using lab = openNotificationLab({ smtp });
  expect(await lab.sendNotification(mail)).toMatchObject({
    success: false,
    delivery: { status: "failed", attempts: 0, error: { code: "nodemailer_missing" } },
  });
});
