import { gfmToMarkdown } from "mdast-util-gfm";
import type { Handle, Join, Options } from "mdast-util-to-markdown";
import { defaultHandlers, toMarkdown } from "mdast-util-to-markdown";
import type { Link, List as MdastList, Nodes, Text as MdastText } from "mdast";
import type { Document } from "./document.ts";
import { encodedUrl } from "./link-url.ts";

/**
 * Writes a document as Slack's own Markdown, for `markdown_text`. Slack reads its tokens, such as `<!channel>` and
 * `<url|text>`, there, too, so no `<` of the text is left; it decodes entities after that, and not in addresses.
 */
export function renderMarkdown(document: Document): string {
  return toMarkdown(document, OPTIONS).trimEnd();
}

const OPTIONS: Options = {
  bullet: "-",
  rule: "-",
  fences: true,
  listItemIndent: "one",
  extensions: [gfmToMarkdown({ tablePipeAlign: false })],
  handlers: {
    text: textMarkdown,
    link: beginningWith("[", linkMarkdown),
    delete: struck(),
    break: () => "  \n",
  },
  join: [apartInItems],
};

/** What stands before it is escaped by the sign that it begins with. */
function beginningWith(sign: string, handle: Handle): Handle {
  return Object.assign((...args: Parameters<Handle>) => handle(...args), { peek: () => sign });
}

/** The writer places the marks where they are read as such, and asks for nothing else. One tilde is read by few. */
function struck(): Handle {
  const attention = () => ({ construct: "strikethrough" as const, markers: ["~"], sizes: [2] });
  return Object.assign(() => "", { attention, peek: () => "~" });
}

/** Behind some blocks, such as a list, the next one of an item would be taken for more of it. */
function apartInItems(...[left, right, parent]: Parameters<Join>): number | undefined {
  if (parent.type !== "listItem") return undefined;
  return left.type === "paragraph" && right.type === "list" && mayInterrupt(right) ? undefined : 1;
}

/** A list ends the paragraph before it without a blank line only if it begins with a text, and its numbers with 1. */
function mayInterrupt({ ordered, start, children: [item] }: MdastList): boolean {
  return item?.children[0]?.type === "paragraph" && (!ordered || (start ?? 1) === 1);
}

function textMarkdown(...[node, parent, state, info]: Parameters<Handle>): string {
  const value: MdastText = node;
  const markdown = withFewerEscapes(withEntities(defaultHandlers.text(value, parent, state, info)));
  return parent?.type === "link" ? markdown : withMoreEscapes(markdown);
}

/** An escaped character is read together with its backslash; `&` without one begins an entity already. */
function withEntities(markdown: string): string {
  return markdown.replaceAll(/\\?[<>]|\\&|\\[^]/g, (found) => ENTITIES.get(found.slice(-1)) ?? found);
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

/**
 * A marker of a list alone on its line hides the next line's from the writer. What looks like the beginning of an
 * address, but is none, might become one with what stands behind it.
 */
function withMoreEscapes(markdown: string): string {
  return markdown
    .replaceAll(/(?<=\n)(\d{1,9})([.)])(?=\s|$)/g, "$1\\$2")
    .replaceAll(/(?<=\n)[-+](?=[\s-]|$)/g, "\\$&")
    .replaceAll(/(?<=www)\./gi, "\\.");
}

/** `2 * 3`, `now.then` and `[1]`, as they are frequent in prose, mean nothing where they stand. */
function withFewerEscapes(markdown: string): string {
  return markdown
    .replaceAll(/(?<=[^\s\\] )\\([*_])(?= \S)/g, "$1")
    .replaceAll(/(?<=(?<!w)w)\\\./gi, ".")
    .replaceAll(/(?<=[^\s\\!] ?)\\(\[[\w ,.-]{1,40}\])(?=[\s.,;!?)]|$)/g, "$1");
}

function linkMarkdown(...[node, parent, state, info]: Parameters<Handle>): string {
  const value: Link = node;
  const url = encodedUrl(value.url);
  const behind: Nodes[] = parent?.children.slice((state.indexStack.at(-1) ?? 0) + 1) ?? [];
  const isStyled = parent !== undefined && ["strong", "emphasis", "delete"].includes(parent.type);
  if (isBare(value) && !isStyled && /(?:^|[\s(])$/.test(info.before) && endsAddress(behind, info.after))
    return url;
  const exit = state.enter("link");
  const exitLabel = state.enter("label");
  const tracker = state.createTracker(info);
  const before = tracker.move("[");
  const label = state.containerPhrasing(value, { before, after: "]", ...tracker.current() });
  exitLabel();
  exit();
  return `[${label}](${url})`;
}

/** Whether an address can stand by itself, as in most sources. */
function isBare({ url, children }: Link): boolean {
  const [only] = children;
  const isItsLabel = children.length === 1 && only?.type === "text" && only.value === url;
  return isItsLabel && /^https?:\/\/[a-z0-9][\w./?=&%#+:-]*[a-z0-9/]$/i.test(url);
}

/**
 * Whether what follows is not taken for more of an address: at most punctuation, and then a space or nothing. The first
 * one of two dots would be escaped behind a `w`.
 */
function endsAddress([next, ...rest]: readonly Nodes[], after: string): boolean {
  if (next?.type !== "text") return /^(?:\s|$)/.test(after);
  const [, behind] = /^(?!\.\.)[.,;:!?)]*(\s|$)/.exec(next.value) ?? [];
  return behind === "" ? rest.length === 0 : behind !== undefined;
}
