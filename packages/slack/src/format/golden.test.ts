import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseDocument } from "./parse-document.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderMrkdwn } from "./render-mrkdwn.ts";

const folder = new URL("../../test/golden/", import.meta.url);
const files = (await readdir(folder)).toSorted();

test.each(files)("%s shows what Slack gets of what an agent wrote", async (name) => {
  const file = new URL(name, folder);
  const [, source = ""] = /^══ Markdown\n(.*)══ markdown_text\n/s.exec(await readFile(file, "utf8")) ?? [];
  const document = parseDocument(source);
  const forms = `══ markdown_text\n${renderMarkdown(document)}\n══ text\n${renderMrkdwn(document)}\n`;
  await expect(`══ Markdown\n${source}${forms}`).toMatchFileSnapshot(file.pathname);
});
