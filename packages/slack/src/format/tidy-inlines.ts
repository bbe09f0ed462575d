import { inlineCodeNode } from "./defused-code.ts";
import type { Inline, Styled, Text } from "./document.ts";
import { textNode } from "./document.ts";

/** The same content with texts that touch as one, and without white space around breaks and at both ends. */
export function tidyLines(nodes: readonly Inline[]): Inline[] {
  const [content] = partEdges(joinInlines(nodes));
  return tidyBreaks(content);
}

function tidyBreaks(nodes: readonly Inline[]): Inline[] {
  return nodes
    .map((node, at) => besideBreaks(node, nodes[at - 1], nodes[at + 1]))
    .filter((node) => node.type !== "text" || node.value !== "")
    .filter((node, at, all) => node.type !== "break" || all[at + 1]?.type !== "break");
}

function besideBreaks(node: Inline, before: Inline | undefined, after: Inline | undefined): Inline {
  if (node.type !== "text") return node;
  const begun = before?.type === "break" ? node.value.trimStart() : node.value;
  return textNode(after?.type === "break" ? begun.trimEnd() : begun);
}

/** On one line. */
export function tidyLine(nodes: readonly Inline[]): Inline[] {
  return tidyLines(nodes.map(onOneLine));
}

function onOneLine(node: Inline): Inline {
  if (node.type === "break") return textNode(" ");
  if (node.type === "text") return textNode(node.value.replaceAll(/\s+/g, " "));
  return "children" in node ? { ...node, children: joinInlines(node.children.map(onOneLine)) } : node;
}

/** Marks of style touch their words: white space and breaks at the ends stand outside of them. */
export function tidyStyle(type: Styled["type"], nodes: readonly Inline[]): Inline[] {
  const [content, before, after] = partEdges(joinInlines(nodes));
  const styled: Inline[] = content.length > 0 ? [{ type, children: tidyBreaks(content) }] : [];
  return [...before, ...styled, ...after];
}

/** Texts that touch are one text, and so are code and words of one style, whose marks would be read as other ones. */
export function joinInlines(nodes: readonly Inline[]): Inline[] {
  const all: Inline[] = [];
  for (const node of nodes) {
    const last = all.at(-1);
    const both = last && joined(last, node);
    if (both) all[all.length - 1] = both;
    else if (node.type !== "text" || node.value !== "") all.push(node);
  }
  return all.map((node) => (node.type === "text" ? tidyText(node.value) : node));
}

function joined(left: Inline, right: Inline): Inline | undefined {
  if (left.type === "text" && right.type === "text") return textNode(left.value + right.value);
  if (left.type === "inlineCode" && right.type === "inlineCode")
    return inlineCodeNode(left.value + right.value);
  if (isStyled(left) && isStyled(right) && left.type === right.type)
    return { ...left, children: joinInlines([...left.children, ...right.children]) };
  return undefined;
}

/** Lines without white space around them, which would have to be written as entities. */
function tidyText(value: string): Text {
  return textNode(value.replaceAll(/(?<!\s)\s*[\r\n]\s*/g, "\n"));
}

function isStyled(node: Inline): node is Styled {
  return node.type === "strong" || node.type === "emphasis" || node.type === "delete";
}

/** Takes what is blank off both ends. */
function partEdges(nodes: readonly Inline[]): [content: Inline[], before: Inline[], after: Inline[]] {
  const content = [...nodes];
  const [before, after]: [Inline[], Inline[]] = [[], []];
  for (let first = content[0]; first && isBlank(first); first = content[0])
    before.push(...content.splice(0, 1));
  for (let last = content.at(-1); last && isBlank(last); last = content.at(-1))
    after.unshift(...content.splice(-1));
  const first = content[0];
  if (first?.type === "text") {
    const words = first.value.trimStart();
    before.push(...spaceOf(first.value.slice(0, first.value.length - words.length)));
    content[0] = textNode(words);
  }
  const last = content.at(-1);
  if (last?.type === "text") {
    const words = last.value.trimEnd();
    after.unshift(...spaceOf(last.value.slice(words.length)));
    content[content.length - 1] = textNode(words);
  }
  return [content, before, after];
}

function spaceOf(value: string): Inline[] {
  return value === "" ? [] : [textNode(value)];
}

function isBlank(node: Inline): boolean {
  return node.type === "break" || (node.type === "text" && node.value.trim() === "");
}
