import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { systemClock } from "@core/registry";
import { describe, expect, test } from "vitest";
import { startMailServer } from "../../test/mail-server.ts";
import type { MailServerOptions } from "../../test/mail-server.ts";
import { openNotificationLab } from "../../test/notification-lab.ts";
import type { NotificationOptions } from "./notifications.ts";
import type { SmtpOptions } from "./smtp-settings.ts";

interface MailTest {
  readonly server?: MailServerOptions;
  readonly host?: string;
  readonly user?: string;
  readonly smtp?: Partial<SmtpOptions>;
}

/** Sends a mail by a server that answers so, and tells what came of it. */
async function send(options: Partial<NotificationOptions> = {}, { server, host, user, smtp }: MailTest = {}) {
  await using mailServer = await startMailServer(server);
  const url = `smtp://${user === undefined ? "" : `${user}@`}${host ?? "127.0.0.1"}:${mailServer.port}`;
  await using lab = openNotificationLab({
    parts: { clock: systemClock },
    smtp: { url, from: "Agents <agents@example.com>", ...smtp },
  });
  const report = await lab.sendNotification({
    channel: "email",
    message: "Disk full\non host a",
    webhook_url: "mailto:a@example.com",
    ...options,
  });
  const history = await lab.listNotifications();
  return { report, delivery: report.delivery, mails: mailServer.mails, history, told: lab.told() };
}

function header(name: string, text = ""): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, "im").exec(text)?.[1];
}

describe("a mail", () => {
  test("is handed over with subject, text, priority and an id of its own", async () => {
    const { report, mails } = await send({ priority: "urgent" });
    expect(report).toMatchObject({
      success: true,
      delivered: true,
      delivery: {
        status: "accepted",
        http_status: null,
        attempts: 1,
        error: null,
        notes: [],
        details: { accepted: 1, refused: 0 },
      },
    });
    expect(mails).toMatchObject([{ from: "agents@example.com", to: ["a@example.com"] }]);
    const text = mails[0]?.text;
    expect(header("From", text)).toBe("Agents <agents@example.com>");
    expect(header("To", text)).toBe("a@example.com");
    expect(header("Subject", text)).toBe("[urgent] Disk full");
    expect(header("Message-ID", text)).toBe(`<${report.notification_id}@example.com>`);
    expect(header("Importance", text)).toBe("High");
    expect(text).toMatch(/\r\n\r\nDisk full\r\non host a\r\n$/);
  });

  test("has its attachments", async () => {
    const attachments = [
      { filename: "a.csv", content: "eCx5", encoding: "base64", content_type: "text/csv" },
    ];
    const { mails } = await send({ attachments });
    expect(mails[0]?.text).toContain("Content-Disposition: attachment; filename=a.csv");
    expect(mails[0]?.text).toContain("Content-Type: text/csv; name=a.csv");
    expect(mails[0]?.text).toContain("eCx5");
  });

  test("gets no header and no recipient out of its text", async () => {
    const { mails } = await send({
      message: "hello\r\nBcc: evil@example.com\r\n.\r\nMAIL FROM:<evil@example.com>",
    });
    expect(mails).toMatchObject([{ to: ["a@example.com"] }]);
    const [head = ""] = mails[0]?.text.split("\r\n\r\n") ?? [];
    expect(head).not.toContain("evil");
  });

  test("reads no file and fetches no address", async () => {
    const attachments = [{ filename: "a", content: "x", href: "http://127.0.0.1/" }];
    await expect(send({ attachments })).rejects.toMatchObject({ code: "INTEGRATIONS_INPUT_INVALID" });
  });

  test("is sent to all recipients of its destination", async () => {
    const { mails, delivery } = await send({ webhook_url: "mailto:a@example.com,b@example.org" });
    expect(mails).toMatchObject([{ to: ["a@example.com", "b@example.org"] }]);
    expect(delivery.details).toEqual({ accepted: 2, refused: 0 });
  });

  test("goes behind user and password", async () => {
    const { mails } = await send({}, { server: { password: "p:w/d" }, user: "agent:p%3Aw%2Fd" });
    expect(mails).toMatchObject([{ user: "agent" }]);
  });
});

describe("an attempt", () => {
  test("that is answered 4xx is made again, with the same bytes", async () => {
    const { delivery, mails } = await send({}, { server: { mail: (attempt) => (attempt < 3 ? 451 : 250) } });
    expect(delivery).toMatchObject({ status: "accepted", attempts: 3 });
    expect(mails).toHaveLength(3);
    expect(new Set(mails.map(({ text }) => text)).size).toBe(1);
  });

  test("that is answered 5xx is the last", async () => {
    const { report, delivery } = await send({}, { server: { mail: () => 554 } });
    expect(report).toMatchObject({ success: false, delivered: false });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "smtp_554" } });
  });

  test("is made retry_count times more, and no more", async () => {
    const { delivery, mails } = await send({ retry_count: 1 }, { server: { mail: () => 452 } });
    expect(delivery).toMatchObject({ status: "failed", attempts: 2, error: { code: "smtp_452" } });
    expect(mails).toHaveLength(2);
  });

  test("is made again for those recipients alone that were not taken for the moment", async () => {
    const recipient = (address: string, attempt: number): number => {
      if (address.startsWith("gone")) return 550;
      return address.startsWith("grey") && attempt === 1 ? 450 : 250;
    };
    const webhook_url = "mailto:a@example.com,grey@example.com,gone@example.com";
    const { delivery, mails } = await send({ webhook_url }, { server: { recipient } });
    expect(mails.map(({ to }) => to)).toEqual([["a@example.com"], ["grey@example.com"]]);
    expect(delivery).toMatchObject({ status: "accepted", attempts: 2, details: { accepted: 2, refused: 1 } });
    expect(delivery.notes).toEqual(["The mail server took it for 2 of 3 recipients (smtp_550)."]);
  });

  test("that no recipient is taken in fails", async () => {
    const webhook_url = "mailto:a@example.com,b@example.com";
    const { delivery, mails } = await send({ webhook_url }, { server: { recipient: () => 550 } });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "smtp_550" } });
    expect(mails).toEqual([]);
  });

  test("with a wrong password is the last, and tells nothing of it", async () => {
    const { delivery, told } = await send({}, { server: { password: "right" }, user: "agent:wr0ngp4ss" });
    expect(delivery).toMatchObject({ attempts: 1, error: { code: "smtp_auth_failed" } });
    expect(JSON.stringify(delivery) + told).not.toContain("wr0ngp4ss");
  });

  test("where nobody listens is made again", async () => {
    const { port, [Symbol.asyncDispose]: stop } = await startMailServer();
    await stop();
    const smtp = { url: `smtp://127.0.0.1:${port}` };
    const { delivery } = await send({}, { smtp });
    expect(delivery).toMatchObject({ status: "failed", attempts: 3, error: { code: "network_error" } });
  });

  test("with a server that says nothing ends after timeout_ms", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const smtp = { url: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}` };
    const { delivery } = await send({ timeout_ms: 1_000, retry_count: 0 }, { smtp });
    silent.close();
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "timeout" } });
  });

  test("with a server that drips ends after timeout_ms", async () => {
    const dripping = createServer((socket) => {
      socket.write("220 hello\r\n");
      const timer = setInterval(() => socket.write("250-wait\r\n"), 50);
      socket.on("close", () => clearInterval(timer)).on("error", () => undefined);
    });
    dripping.listen(0, "127.0.0.1");
    await once(dripping, "listening");
    const smtp = { url: `smtp://127.0.0.1:${(dripping.address() as AddressInfo).port}` };
    const { delivery } = await send({ timeout_ms: 1_000, retry_count: 0 }, { smtp });
    dripping.close();
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "timeout" } });
  });
});

describe("encryption", () => {
  // The resolver reads 127.1 as loopback; the settings do not.
  const elsewhere = "127.1";

  test("is demanded of a server elsewhere", async () => {
    const { delivery, mails } = await send({}, { host: elsewhere });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "smtp_tls_failed" } });
    expect(mails).toEqual([]);
  });

  test("has to be one that can be trusted", async () => {
    const { delivery, mails } = await send({}, { host: elsewhere, server: { starttls: true } });
    expect(delivery).toMatchObject({ status: "failed", attempts: 1, error: { code: "smtp_tls_failed" } });
    expect(mails).toEqual([]);
  });

  test("may be missing where the operator says so", async () => {
    const { mails } = await send({}, { host: elsewhere, smtp: { allowPlaintext: true } });
    expect(mails).toMatchObject([{ secure: false }]);
  });

  test("that cannot be trusted is better than none where none would do", async () => {
    const { mails } = await send(
      {},
      { host: elsewhere, server: { starttls: true }, smtp: { allowPlaintext: true } },
    );
    expect(mails).toMatchObject([{ secure: true }]);
  });

  test("is used on this machine when it is offered", async () => {
    const { mails } = await send({}, { server: { starttls: true } });
    expect(mails).toMatchObject([{ secure: true }]);
  });
});

test("nothing that is told has an address or the words of the server", async () => {
  for (const status of [250, 451, 550]) {
    const { report, history, told } = await send({ retry_count: 0 }, { server: { mail: () => status } });
    const said = JSON.stringify([report, history]) + told;
    expect(said).not.toMatch(/a@example\.com|agents@example|s3cr3t/);
  }
});

describe("settings are refused", () => {
  test.each([
    ["a URL that is none", { url: "mail.example.com" }, ["smtp.url"]],
    ["another scheme", { url: "https://mail.example.com" }, ["smtp.url"]],
    ["no host", { url: "smtp:" }, ["smtp.url"]],
    ["a query", { url: "smtp://mail.example.com?pool=true" }, ["smtp.url"]],
    ["a path", { url: "smtp://mail.example.com/inbox" }, ["smtp.url"]],
    ["a password that cannot be read", { url: "smtp://a:%zzs3cr3t@mail.example.com" }, ["smtp.url"]],
    ["a sender that is none", { from: "Agents" }, ["smtp.from"]],
    ["a sender without its bracket", { from: "Agents <a@example.com" }, ["smtp.from"]],
    ["a sender without brackets", { from: "Agents a@example.com" }, ["smtp.from"]],
    ["a sender with a line break", { from: "a\r\nBcc: x <a@example.com>" }, ["smtp.from"]],
    ["both", { url: "", from: "" }, ["smtp.url", "smtp.from"]],
  ])("with %s", (_, change, fields) => {
    const smtp = { url: "smtp://mail.example.com", from: "a@example.com", ...change };
    const refusal = expect.objectContaining({
      code: "INTEGRATIONS_INPUT_INVALID",
      message: expect.not.stringContaining("s3cr3t"),
      details: { issues: fields.map((field) => ({ field, message: expect.any(String) })) },
    });
    expect(() => openNotificationLab({ smtp })).toThrow(refusal);
  });
});
