import { createBlobStore, databaseMigrationsIn } from "@core/database";
import type { BlobStore } from "@core/database";
import { createTestDatabases, freshSchema, testEngines } from "@core/database/testing";
import type { FilePort } from "@core/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untyped } from "../test/fixtures.ts";
import { createFilePort } from "./file-port.ts";

const databases = createTestDatabases();
afterAll(() => databases.close());

describe.each(testEngines)("the files on %s", (engine) => {
  let blobs: BlobStore;
  let files: FilePort;

  beforeAll(async () => {
    const database = await databases.open(engine);
    const schema = freshSchema();
    await database.migrate([databaseMigrationsIn(schema)]);
    blobs = createBlobStore(database, { schema, maxBytes: 1_000 });
    files = createFilePort(blobs);
  });

  it("come back byte by byte, by their reference", async () => {
    const bytes = Uint8Array.from({ length: 500 }, (_, index) => index % 256);
    const ref = await files.put(new Blob([bytes]).stream(), { name: "a.bin", content_type: "image/png" });
    expect(ref).toEqual({ blob_id: ref.blob_id, name: "a.bin", content_type: "image/png", size: 500 });
    expect(await blobs.stat(ref.blob_id)).toMatchObject({ name: "a.bin", contentType: "image/png" });
    const stream = await files.open(ref);
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(bytes);
  });

  it("have the links that the server makes, or none", async () => {
    const ref = await files.put(pieces(), { name: "hello.txt", content_type: "text/plain" });
    expect(files.link(ref)).toBeNull();
    const link = { url: "https://files.example.com/1", expires_at: "2026-01-01T00:00:00.000Z" };
    expect(createFilePort(blobs, { link: () => link }).link(ref)).toBe(link);
  });

  it("may be given as anything that yields bytes", async () => {
    const ref = await files.put(pieces(), { name: "hello.txt", content_type: "text/plain; charset=utf-8" });
    expect(ref).toMatchObject({ content_type: "text/plain; charset=utf-8", size: 5 });
    expect(await new Response(await files.open(ref)).text()).toBe("hello");
  });

  it.each(["00000000-0000-4000-8000-000000000000", "no id", ""])(
    "are null when there is none, as for %j",
    async (blob_id) => {
      const ref = { blob_id, name: "a.txt", content_type: "text/plain", size: 1 };
      expect(await files.open(ref)).toBeNull();
    },
  );

  it("get names that are safe to show", async () => {
    const ref = await files.put(pieces(), { name: "../se\u0000cret\\a.txt", content_type: "text/plain" });
    expect(ref.name).toBe(".._secret_a.txt");
    expect(await blobs.stat(ref.blob_id)).toMatchObject({ name: ".._secret_a.txt" });
  });

  it.each(["", "text", "text/plain\r\nx-evil: 1", "text/\u0000", "té/xt", undefined])(
    "are bytes of no known type when their content type is %j",
    async (content_type) => {
      const ref = await files.put(pieces(), { name: "a", content_type: untyped(content_type) });
      expect(ref.content_type).toBe("application/octet-stream");
    },
  );

  it("that are too large are refused", async () => {
    const large = new Blob([new Uint8Array(1_001)]).stream();
    const stored = files.put(large, { name: "large", content_type: "text/plain" });
    await expect(stored).rejects.toMatchObject({ code: "BLOB_TOO_LARGE" });
  });
});

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("hel");
  yield new TextEncoder().encode("lo");
}
