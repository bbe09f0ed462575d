import { describe, expect, test } from "vitest";
import { composeMail, mailAddressIssue, mailRecipients } from "./email.ts";

const mail = { id: "n1", message: "hello", priority: "normal", attachments: [] } as const;

describe("an address", () => {
  test.each([
    ["mailto:a@example.com", ["a@example.com"]],
    ["mailto:a@example.com,b@example.org", ["a@example.com", "b@example.org"]],
    ["mailto:a%2Bx@example.com, a+x@example.com", ["a+x@example.com"]],
    ["mailto:grüße@münchen.example", ["grüße@münchen.example"]],
  ])("%s has its recipients, each once", (address, recipients) => {
    expect(mailAddressIssue(address)).toBeNull();
    expect(mailRecipients(address)).toEqual(recipients);
  });

  test.each([
    "a@example.com",
    "https://example.com",
    "mailto:",
    "mailto:a",
    "mailto:a@example.com,",
    "mailto:a@b@c",
    "mailto:a@example.com?bcc=x@example.com",
    "mailto:a@example.com%0d%0aBcc:x@example.com",
    "mailto:%22x%22<a@example.com>",
    "mailto:%zz@example.com",
    `mailto:${Array.from({ length: 51 }, (_, index) => `a${index}@example.com`).join(",")}`,
  ])("%s is refused without repeating it", (address) => {
    const issue = mailAddressIssue(address);
    expect(issue).toEqual(expect.any(String));
    expect(issue).not.toContain("x@example.com");
  });
});

describe("a mail", () => {
  test.each([
    ["the first line", "  Disk full\nreally", "normal", "Disk full"],
    ["behind a priority that is worth it", "Disk full", "urgent", "[urgent] Disk full"],
    ["cut", "x".repeat(121), "low", `${"x".repeat(119)}…`],
    ["without control characters", "a\tb\u0000c\u001b[1m\r\nBcc: x@example.com", "normal", "a b c [1m"],
    ["without line separators", "a\u2028Bcc: x@example.com", "normal", "a"],
  ] as const)("has as subject %s", (_, message, priority, subject) => {
    expect(composeMail({ ...mail, message, priority }).subject).toBe(subject);
  });

  test("has the whole message as text, and its attachments", () => {
    const attachments = [
      { filename: "a.txt", content: "text" },
      { filename: "b.bin", content: "AAEC", encoding: "base64", content_type: "application/x-b" },
    ];
    expect(composeMail({ ...mail, message: "one\ntwo", attachments })).toEqual({
      subject: "one",
      text: "one\ntwo",
      priority: "normal",
      attachments: [
        { filename: "a.txt", content: "text", encoding: "utf8" },
        { filename: "b.bin", content: "AAEC", encoding: "base64", contentType: "application/x-b" },
      ],
    });
  });

  test.each([
    ["low", "low"],
    ["normal", "normal"],
    ["high", "high"],
    ["urgent", "high"],
  ] as const)("with the priority %s has the header of %s", (priority, header) => {
    expect(composeMail({ ...mail, priority }).priority).toBe(header);
  });
});
