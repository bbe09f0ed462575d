import type { Capabilities, Delivery, FileLink, FileRef } from "@core/registry";
import { describe, expect, it } from "vitest";
import { claimedDelivery } from "../testing/claimed-delivery.ts";
import { recordingDispatcher } from "../testing/tasks-fixture.ts";
import { deliveryOf } from "./delivery-payload.ts";
import { withoutUnsupportedFiles } from "./unsupported-files.ts";

const report = { blob_id: "b1", name: "report.pdf", content_type: "application/pdf", size: 12_345 };
const tiny = { blob_id: "b2", name: "tiny.txt", content_type: "text/plain", size: 7 };
const link = (file: FileRef): FileLink => ({
  url: `https://files.example/${file.blob_id}`,
  expires_at: "2030-01-01T00:00:00Z",
});

describe("a result with files", () => {
  it("reaches a dispatcher that carries files as it is", () => {
    const delivery = resultWith("Done.", [report]);
    expect(given(delivery, { files: true }, link)).toBe(delivery);
  });

  it("reaches every other one as text with a link for each file", () => {
    expect(textOf(given(resultWith("Done.\n", [report, tiny]), {}, link))).toBe(
      "Done.\n\nreport.pdf (12.3 kB): https://files.example/b1\ntiny.txt (7 bytes): https://files.example/b2",
    );
    expect(given(resultWith("", [tiny]), undefined, link).payload).toMatchObject({
      task_id: "t1",
      result: { text: "tiny.txt (7 bytes): https://files.example/b2", files: [] },
    });
  });

  it("says where a file is that has no link", () => {
    expect(textOf(given(resultWith("Done.", [report]), {}, () => null))).toBe(
      "Done.\n\nreport.pdf (12.3 kB) is kept with the task on the server.",
    );
  });

  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1_000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [2_500_000_000, "2.5 GB"],
    [7_000_000_000_000, "7000.0 GB"],
  ])("tells the size of %i bytes as %s", (size, text) => {
    const [line] = textOf(given(resultWith("", [{ ...tiny, size }]), {}, () => null)).split(" is kept");
    expect(line).toBe(`tiny.txt (${text})`);
  });
});

it("deliveries without files stay as they are", () => {
  const plain = resultWith("Done.", []);
  expect(given(plain, {}, link)).toBe(plain);
  const error = deliveryOf(claimedDelivery({ kind: "task_error" }), {}, null);
  expect(given(error, {}, link)).toBe(error);
});

function resultWith(text: string, files: readonly FileRef[]): Delivery {
  return deliveryOf(
    claimedDelivery({}, { text, files: files.map((file) => ({ ...file })), actions: [] }),
    {},
    null,
  );
}

function given(
  delivery: Delivery,
  capabilities: Capabilities | undefined,
  fileLink: (file: FileRef) => FileLink | null,
): Delivery {
  const dispatcher = recordingDispatcher(undefined, capabilities ? { capabilities } : {});
  return withoutUnsupportedFiles(delivery, dispatcher, fileLink);
}

function textOf({ payload }: Delivery): string {
  return "result" in payload ? payload.result.text : "";
}
