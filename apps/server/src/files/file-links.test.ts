import { describe, expect, test } from "vitest";
import type { FileLinkQuery, FileLinks } from "./file-links.ts";
import { createFileLinks } from "./file-links.ts";

const signingSecret = "whsec_dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0";
const publicUrl = "https://agents.example.org/base";
const file = { blob_id: "0198a0b8-0000-7000-8000-000000000001" };

describe("a link to a file", () => {
  test("is built on the public URL and says when it expires", () => {
    const link = linksAt(1_000_000).linkTo(file);
    expect(link?.url).toMatch(
      /^https:\/\/agents\.example\.org\/base\/api\/v1\/files\/0198a0b8-0000-7000-8000-000000000001\?expires=1060&signature=[\w-]{43}$/,
    );
    expect(link?.expires_at).toBe("1970-01-01T00:17:40.000Z");
  });

  test("does not exist without a public URL", () => {
    expect(linksAt(0, { publicUrl: null }).linkTo(file)).toBeNull();
  });

  test("opens its file until it expires", () => {
    const query = queryOf(linksAt(1_000_000));
    expect(linksAt(1_059_999).judge(file.blob_id, query)).toBe("valid");
    expect(linksAt(1_060_000).judge(file.blob_id, query)).toBe("expired");
  });

  test("opens no other file, no longer and nowhere else", () => {
    const query = queryOf(linksAt(0));
    const links = linksAt(0);
    expect(links.judge("another", query)).toBe("wrong");
    expect(links.judge(file.blob_id, { ...query, expires: "9999999999" })).toBe("wrong");
    expect(links.judge(file.blob_id, { ...query, signature: "AAAA" })).toBe("wrong");
    expect(links.judge(file.blob_id, { ...query, signature: `${query.signature}=` })).toBe("wrong");
    expect(links.judge(file.blob_id, { expires: query.expires })).toBe("wrong");
    expect(links.judge(file.blob_id, { signature: query.signature })).toBe("wrong");
    expect(linksAt(0, { signingSecret: `${signingSecret}2` }).judge(file.blob_id, query)).toBe("wrong");
  });

  test("is told from a request that carries none", () => {
    expect(linksAt(0).judge(file.blob_id, {})).toBe("unsigned");
  });
});

function linksAt(now: number, more: { publicUrl?: null; signingSecret?: string } = {}): FileLinks {
  const clock = { now: () => now, after: () => () => undefined };
  return createFileLinks({ publicUrl, signingSecret, lifetimeMs: 60_000, clock, ...more });
}

function queryOf(links: FileLinks): FileLinkQuery {
  const { searchParams } = new URL(links.linkTo(file)?.url ?? "");
  return Object.fromEntries(searchParams);
}
