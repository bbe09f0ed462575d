import type { ApiAnswer } from "./api-call.ts";
import { characters, refused } from "./api-call.ts";

/** The refusal that blocks meet, as JSON or as they are, by what Slack documents and by what was met there. */
export function blocksRefusal(blocks: unknown): ApiAnswer | undefined {
  if (!Array.isArray(blocks) || !blocks.every(isRecord)) return refused("invalid_blocks_format");
  if (blocks.length > 50)
    return refused("invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]");
  const issues = blocks.flatMap((block, index) => blockIssues(block, `/blocks/${index}`));
  if (issues.length > 0) return refused("invalid_blocks", ...issues);
  return totalsRefusal(blocks);
}

type Block = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function blockIssues(block: Block, pointer: string): readonly string[] {
  const check = CHECKS.get(String(block["type"]));
  if (check === undefined)
    return [`unsupported type: ${String(block["type"])} [json-pointer:${pointer}/type]`];
  const id = tooLong(block["block_id"], 255, `${pointer}/block_id`);
  return [...id, ...check(block, pointer)];
}

type Check = (block: Block, pointer: string) => readonly string[];

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["actions", (block, at) => elementIssues(block, 25, at)],
  ["alert", () => []],
  ["card", () => []],
  ["carousel", () => []],
  ["context", (block, at) => elementIssues(block, 10, at)],
  ["context_actions", (block, at) => elementIssues(block, 5, at)],
  ["data_visualization", () => []],
  ["divider", () => []],
  ["file", () => []],
  ["header", (block, at) => textIssues(block["text"], 150, `${at}/text`)],
  ["image", (block, at) => tooLong(block["alt_text"], 2_000, `${at}/alt_text`)],
  ["input", (block, at) => textIssues(block["label"], 2_000, `${at}/label`)],
  [
    "markdown",
    (block, at) =>
      typeof block["text"] === "string" ? [] : [`missing required field: text [json-pointer:${at}]`],
  ],
  ["plan", () => []],
  ["rich_text", () => []],
  ["section", sectionIssues],
  ["table", tableIssues],
  ["task_card", () => []],
  ["video", () => []],
]);

function sectionIssues(block: Block, pointer: string): readonly string[] {
  const { text, fields = [], accessory } = block;
  if (text === undefined && !Array.isArray(block["fields"]))
    return [`missing required field: text [json-pointer:${pointer}]`];
  const listed = Array.isArray(fields) ? fields : [];
  return [
    ...(text === undefined ? [] : textIssues(text, 3_000, `${pointer}/text`)),
    ...(listed.length > 10 ? [`no more than 10 items allowed [json-pointer:${pointer}/fields]`] : []),
    ...listed.flatMap((field, index) => textIssues(field, 2_000, `${pointer}/fields/${index}`)),
    ...(isRecord(accessory) ? buttonIssues(accessory, `${pointer}/accessory`) : []),
  ];
}

function elementIssues(block: Block, most: number, pointer: string): readonly string[] {
  const elements = Array.isArray(block["elements"]) ? block["elements"].filter(isRecord) : [];
  if (elements.length > most)
    return [`no more than ${most} items allowed [json-pointer:${pointer}/elements]`];
  return elements.flatMap((element, index) => buttonIssues(element, `${pointer}/elements/${index}`));
}

function buttonIssues(element: Block, pointer: string): readonly string[] {
  if (element["type"] !== "button") return [];
  return [
    ...textIssues(element["text"], 75, `${pointer}/text`),
    ...tooLong(element["value"], 2_000, `${pointer}/value`),
    ...tooLong(element["action_id"], 255, `${pointer}/action_id`),
  ];
}

function tableIssues(block: Block, pointer: string): readonly string[] {
  const rows: readonly unknown[] = Array.isArray(block["rows"]) ? block["rows"] : [];
  const widest = Math.max(0, ...rows.map((row) => (Array.isArray(row) ? row.length : 0)));
  return [
    ...(rows.length > 100 ? [`no more than 100 items allowed [json-pointer:${pointer}/rows]`] : []),
    ...(widest > 20 ? [`no more than 20 items allowed [json-pointer:${pointer}/rows/0]`] : []),
  ];
}

function textIssues(text: unknown, most: number, pointer: string): readonly string[] {
  if (!isRecord(text) || typeof text["text"] !== "string")
    return [`missing required field: text [json-pointer:${pointer}]`];
  if (text["text"] === "") return [`must be more than 0 characters [json-pointer:${pointer}/text]`];
  return tooLong(text["text"], most, `${pointer}/text`);
}

function tooLong(text: unknown, most: number, pointer: string): readonly string[] {
  if (typeof text !== "string" || characters(text) <= most) return [];
  return [`must be less than ${most + 1} characters [json-pointer:${pointer}]`];
}

const MARKDOWN_CHARACTERS = 12_000;
const TABLE_CHARACTERS = 10_000;
/** Undocumented: with Markdown among them, blocks were refused a little above this many characters. */
const CHARACTERS_WITH_MARKDOWN = 13_200;

function totalsRefusal(blocks: readonly Block[]): ApiAnswer | undefined {
  const of = (type: string): readonly Block[] => blocks.filter((block) => block["type"] === type);
  const markdown = of("markdown");
  if (textLength(markdown) > MARKDOWN_CHARACTERS) return refused("msg_blocks_too_long");
  if (textLength(of("table")) > TABLE_CHARACTERS) return refused("invalid_blocks", "table too long");
  if (of("data_visualization").length > 2) return refused("invalid_blocks", "too many data visualizations");
  const isTooLong = markdown.length > 0 && textLength(blocks) > CHARACTERS_WITH_MARKDOWN;
  return isTooLong ? refused("msg_blocks_too_long") : undefined;
}

/** Of all texts at any depth. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textLength(item), 0);
  if (!isRecord(value)) return 0;
  const { text, ...rest } = value;
  return (typeof text === "string" ? characters(text) : textLength(text)) + textLength(Object.values(rest));
}
