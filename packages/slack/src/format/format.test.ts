import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFault } from "../../test/format/format-faults.ts";
import { randomMarkdown } from "../../test/format/random-markdown.ts";

test("nothing is lost, cut through or takes effect, whatever the document", () => {
  fc.assert(
    fc.property(randomMarkdown(), fc.integer({ min: 500, max: 1_000 }), (markdown, limit) => {
      expect(formatFault(markdown, limit)).toBe("");
    }),
    { numRuns: 75 },
  );
});
