import { fieldIssue } from "@core/registry";
import type { FieldIssue } from "@core/registry";
import { describe, expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { webhookTargetSchema } from "./webhook-target.ts";

describe("a target", () => {
  const schema = webhookTargetSchema(createAddressGuard());

  async function issuesOf(target: unknown): Promise<FieldIssue[]> {
    const result = await schema["~standard"].validate(target);
    return (result.issues ?? []).map((issue) => fieldIssue(issue));
  }

  test("is one URL, kept as it was written", async () => {
    const target = { url: "https://Example.com/hook?a=1" };
    expect(await schema["~standard"].validate(target)).toEqual({ value: target });
  });

  test.each([
    [{}, "url", 'The field "url" is missing. Add the http or https URL to post to.'],
    [{ url: 5 }, "url", 'The field "url" is not a string. Write the URL to post to.'],
    [
      { url: "/hook" },
      "url",
      "The URL cannot be read. Write an absolute URL such as https://example.com/hook.",
    ],
    [{ url: "ftp://example.com/" }, "url", 'The scheme "ftp" is not supported. Use http or https.'],
    [
      { url: "https://a:b@example.com/" },
      "url",
      "The URL carries a user name or password. Remove them from the URL.",
    ],
    [
      { url: "http://127.1/hook" },
      "url",
      "127.0.0.1 is a loopback address and is refused. Use a public address; the operator can allow it by CIDR.",
    ],
    [
      { url: "https://example.com/", token: "x" },
      "token",
      'A target holds no secrets. Remove "token" and let the server\'s settings name the secret.',
    ],
    [
      { url: "https://example.com/", retries: 5 },
      "retries",
      'A webhook target has no field "retries". Remove it; the only field is "url".',
    ],
    [null, "", 'A webhook target is an object such as {"url": "https://example.com/hook"}.'],
    [[], "", 'A webhook target is an object such as {"url": "https://example.com/hook"}.'],
    [
      "https://example.com/",
      "",
      'A webhook target is an object such as {"url": "https://example.com/hook"}.',
    ],
  ])("%j is refused by name, with what to do", async (target, field, message) => {
    expect(await issuesOf(target)).toEqual([{ field, message }]);
  });

  test("with several mistakes hears of all of them, once each", async () => {
    const fields = (await issuesOf({ headers: { authorization: "x" }, secret: "y", uri: "z" })).map(
      ({ field }) => field,
    );
    expect(fields).toEqual(["headers.authorization", "secret", "uri", "url"]);
  });
});
