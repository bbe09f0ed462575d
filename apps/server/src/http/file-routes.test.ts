import type { BlobInfo } from "@core/database";
import { systemClock } from "@core/registry";
import { describe, expect, test } from "vitest";
import { createFileLinks } from "../files/file-links.ts";
import type { TestApp } from "../testing/test-app.ts";
import { createTestApp, problemOf } from "../testing/test-app.ts";

const id = "0198a0b8-0000-7000-8000-000000000001";
const other = "0198a0b8-0000-7000-8000-000000000002";
const links = createFileLinks({
  publicUrl: "https://agents.example.org",
  signingSecret: "whsec_dGVzdA==",
  lifetimeMs: 60_000,
  clock: systemClock,
});

describe("a file", () => {
  test("is read with the key, as an attachment that no browser runs", async () => {
    const response = await appWithFile().get(`/api/v1/files/${id}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("<script>");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/html",
      "content-length": "8",
      "content-disposition": "attachment; filename*=UTF-8''r%C3%A9sum%C3%A9%20%281%29.html",
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
    });
  });

  test("is read by a link without the key", async () => {
    const { app } = appWithFile();
    const { url = "" } = links.linkTo({ blob_id: id }) ?? {};
    const response = await app.request(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("<script>");
  });

  test("is not read without either, nor by the link to another one", async () => {
    const { app } = appWithFile();
    expect((await problemOf(await app.request(`/api/v1/files/${id}`))).code).toBe("API_KEY_MISSING");
    const { url = "" } = links.linkTo({ blob_id: other }) ?? {};
    const response = await app.request(url.replace(other, id));
    expect(response.status).toBe(403);
    expect(await problemOf(response)).toMatchObject({ code: "FILE_LINK_WRONG" });
  });

  test("is not read by a link that has expired", async () => {
    const past = { now: () => Date.now() - 3_600_000, after: systemClock.after };
    const old = createFileLinks({
      publicUrl: "https://agents.example.org",
      signingSecret: "whsec_dGVzdA==",
      lifetimeMs: 60_000,
      clock: past,
    });
    const response = await appWithFile().app.request(old.linkTo({ blob_id: id })?.url ?? "");
    expect(response.status).toBe(410);
    expect(await problemOf(response)).toMatchObject({ code: "FILE_LINK_EXPIRED" });
  });

  test("that is not there is not found, and a wrong id is told", async () => {
    const app = appWithFile();
    expect(await problemOf(await app.get(`/api/v1/files/${other}`))).toMatchObject({
      status: 404,
      code: "FILE_NOT_FOUND",
    });
    expect(await problemOf(await app.get("/api/v1/files/readme.txt"))).toMatchObject({
      status: 400,
      code: "PATH_INVALID",
    });
  });
});

function appWithFile(): TestApp {
  const info: BlobInfo = {
    id,
    name: "résumé (1).html",
    contentType: "text/html",
    size: 8,
    sha256: "",
    createdAt: new Date(0),
  };
  return createTestApp({
    blobs: {
      open: async (asked) =>
        asked === id ? { info, stream: new Blob(["<script>"]).stream() as ReadableStream<Uint8Array> } : null,
    },
  });
}
