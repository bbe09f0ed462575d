// Writes random documents for Slack, in both forms and cut in many ways, and looks for what is lost or takes effect.
// Usage: node --conditions=@core/source packages/slack/torture/format.ts [--documents 100000] [--seed 1]
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { formatFault } from "../test/format/format-faults.ts";
import { randomLimit, randomMarkdown } from "../test/format/random-markdown.ts";

const { values } = parseArgs({ options: { documents: { type: "string" }, seed: { type: "string" } } });
const documents = Number(values.documents ?? 10_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const begun = performance.now();
const property = fc.property(randomMarkdown(), randomLimit(), (markdown, limit) => {
  const fault = formatFault(markdown, limit);
  if (fault !== "") throw new Error(fault);
});
const { failed, numRuns, counterexample, errorInstance } = fc.check(property, { numRuns: documents, seed });
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
stdout.write(`${numRuns} documents of seed ${seed}, ${failed ? "a fault" : "no fault"}, ${seconds} s\n`);
if (failed) stdout.write(`${JSON.stringify(counterexample)}\n${String(errorInstance)}\n`);
process.exitCode = failed ? 1 : 0;
