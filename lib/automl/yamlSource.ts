import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, Scalar, type Document } from "yaml";
import type { Position } from "./problems";

/** A value of a YAML file with the place where it stands. Whole numbers are bigint, numbers with a point are number. */
export type YamlNode = { at: Position; size: number } & (
  | { kind: "scalar"; value: YamlScalar }
  | { kind: "list"; items: readonly YamlNode[] }
  | { kind: "map"; entries: ReadonlyMap<string, YamlEntry> }
);
export type YamlMap = Extract<YamlNode, { kind: "map" }>;
export type YamlScalar = string | bigint | number | boolean | null | Timestamp;

/** What PyYAML would make a date of, as it stands. */
export class Timestamp {
  constructor(readonly text: string) {}
}

export interface YamlEntry {
  key: Position;
  value: YamlNode;
}

/** What is wrong with a file before its content is looked at. */
export type SyntaxProblem = { at: Position; message: string };

/** More values than a job file can mean, aliases counted as often as they stand: a file of nested aliases grows without bound. */
const mostValues = 20_000;
/** Job files have a few KiB; what the parser may have to do with one grows with it. */
const mostBytes = 128 * 1024;
/** The parser descends by recursion, and beyond a few thousand levels takes the process down. */
const deepestNesting = 64;
const deepestIndentation = 256;

/** The content of the file, or all that keeps it from being read. */
export function parseYaml(content: string | Uint8Array): YamlNode | SyntaxProblem[] {
  const start = { line: 1, column: 1 };
  if (content.length > mostBytes) {
    return [{ at: start, message: `is ${content.length} bytes long; a job file has at most ${mostBytes}` }];
  }
  let text: string;
  try {
    text = typeof content === "string" ? content.replace(/^\uFEFF/, "") : decode(content);
  } catch {
    return [{ at: start, message: "is not UTF-8; save the file as UTF-8" }];
  }
  const lines = new LineCounter();
  const deep = tooDeep(text);
  if (deep) return [deep];
  // The failsafe schema leaves every scalar a text: what it means is decided here, as PyYAML decides it for the CLI.
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
    lineCounter: lines,
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    return document.errors.map(({ code, message, pos }) => ({
      at: position(pos[0]),
      message: syntaxMessages[code] ?? `invalid YAML: ${message}`,
    }));
  }
  return new Walk(document, position).result();
}

const syntaxMessages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab indents this line; YAML wants blanks",
  MULTIPLE_DOCS: "a second document begins here; a job file holds one job",
  BLOCK_AS_IMPLICIT_KEY:
    "invalid YAML: a second key on one line; check the indentation, and quote a text with ': ' in it",
  BAD_SCALAR_START: "invalid YAML: a text that begins with @ or ` must be quoted",
};

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The first place that is nested deeper than the parser may be trusted with. */
function tooDeep(text: string): SyntaxProblem | undefined {
  let [line, column, flow, markers] = [1, 1, 0, 0];
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    else if (token === "-" || token === "?" || token === ":") markers++;
    const indented = column === 1 && /^ +$/.test(token) && token.length > deepestIndentation;
    if (flow > deepestNesting || markers > deepestNesting || indented) {
      return { at: { line, column }, message: `is nested more than ${deepestNesting} levels deep` };
    }
    const breaks = token.split("\n").length - 1;
    if (breaks > 0) {
      line += breaks;
      column = token.length - token.lastIndexOf("\n");
      if (flow === 0) markers = 0;
    } else column += /^[\x02\x18\x1f]$/.test(token) ? 0 : token.length;
    if (token === ",") markers = 0;
  }
  return undefined;
}

/** Turns the parser's tree into located values, in the order of the file, so that an alias finds the anchor before it. */
class Walk {
  private readonly anchors = new Map<string, YamlNode>();
  private readonly problems: SyntaxProblem[] = [];

  constructor(
    private readonly document: Document,
    private readonly position: (offset: number) => Position,
  ) {}

  result(): YamlNode | SyntaxProblem[] {
    const root = this.node(this.document.contents, { line: 1, column: 1 });
    if (root.size > mostValues) {
      this.problem(root.at, `means more than ${mostValues} values, aliases counted; write out what the aliases repeat`);
    }
    return this.problems.length > 0 ? this.problems : root;
  }

  private problem(at: Position, message: string): void {
    this.problems.push({ at, message });
  }

  private node(node: unknown, near: Position): YamlNode {
    if (isAlias(node)) {
      const at = this.at(node, near);
      const target = this.anchors.get(node.source);
      if (!target) this.problem(at, `*${node.source} has no anchor &${node.source} before it`);
      return target ?? { at, size: 1, kind: "scalar", value: null };
    }
    const located = this.located(node, near);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor) this.anchors.set(anchor, located);
    return located;
  }

  private located(node: unknown, near: Position): YamlNode {
    const at = this.at(node, near);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item, at));
      return { at, size: sizeOf(items), kind: "list", items };
    }
    if (isMap(node)) {
      const entries = this.entries(node.items, at);
      return { at, size: sizeOf([...entries.values()].map(({ value }) => value)), kind: "map", entries };
    }
    if (!isScalar(node)) return { at, size: 1, kind: "scalar", value: null };
    const text = typeof node.value === "string" ? node.value : "";
    return { at, size: 1, kind: "scalar", value: this.scalar(node, text, at) };
  }

  private scalar(node: Scalar, text: string, at: Position): YamlScalar {
    const tag = node.tag?.replace("tag:yaml.org,2002:", "!!");
    if (tag === undefined || tag === "!") return node.type === Scalar.PLAIN && !tag ? plainScalar(text) : text;
    if (tag === "!!str") return text;
    const value = plainScalar(text);
    const kinds: Record<string, boolean> = {
      "!!int": typeof value === "bigint",
      "!!float": typeof value === "number" || typeof value === "bigint",
      "!!bool": typeof value === "boolean",
      "!!null": value === null,
    };
    if (!(tag in kinds)) this.problem(at, `carries the tag ${tag}, which a job file does not know; leave it out`);
    else if (!kinds[tag]) this.problem(at, `is ${JSON.stringify(text)}, which is no ${tag}`);
    return tag === "!!float" && typeof value === "bigint" ? Number(value) : value;
  }

  private entries(pairs: readonly { key: unknown; value: unknown }[], at: Position): Map<string, YamlEntry> {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlNode[] = [];
    for (const pair of pairs) {
      const key = this.node(pair.key, at);
      const value = this.node(pair.value, key.at);
      const name = key.kind === "scalar" ? key.value : undefined;
      if (name === "<<" && isScalar(pair.key) && pair.key.type === Scalar.PLAIN) merged.push(value);
      else if (typeof name !== "string") this.problem(key.at, "a key must be a text; quote it");
      else if (entries.has(name)) {
        const first = entries.get(name)?.key.line ?? 0;
        this.problem(key.at, `the key ${JSON.stringify(name)} stands twice, first in line ${first}; keep one`);
      } else entries.set(name, { key: key.at, value });
    }
    for (const source of merged.flatMap((node) => (node.kind === "list" ? node.items : [node]))) {
      if (source.kind !== "map") this.problem(source.at, "<< wants a map, or a list of maps");
      // What stands in the map itself wins over what is merged into it.
      else for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  private at(node: unknown, near: Position): Position {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    return range ? this.position(range[0]) : near;
  }
}

/** Counts are capped: nested aliases would run beyond what a number holds. */
function sizeOf(children: readonly YamlNode[]): number {
  return children.reduce((sum, { size }) => Math.min(sum + size, Number.MAX_SAFE_INTEGER / 2), 1);
}

/**
 * What a plain scalar means to PyYAML, with which the CLI reads the same file: YAML 1.1, where `yes` is true, `010` is 8 and
 * a float needs its point (1e-5 is a text, which fields of numbers take for a number all the same).
 */
export function plainScalar(text: string): YamlScalar {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return true;
  if (/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return false;
  return wholeNumber(text) ?? floatNumber(text) ?? timestamp(text) ?? text;
}

function wholeNumber(text: string): bigint | undefined {
  const [, sign, digits] =
    /^([-+]?)((?:0b[01_]+)|(?:0x[0-9a-fA-F_]+)|(?:0[0-7_]+)|(?:0|[1-9][0-9_]*)(?:(?::[0-5]?[0-9])*))$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const plain = digits.replace(/_/g, "");
  const magnitude = plain.includes(":")
    ? plain.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n)
    : BigInt(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return sign === "-" ? -magnitude : magnitude;
}

function floatNumber(text: string): number | undefined {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN;
  const float = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
  if (float.test(text)) return Number(text.replace(/_/g, ""));
  if (!/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/.test(text)) return undefined;
  const parts = text.replace(/[-+_]/g, "").split(":");
  const magnitude = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return text.startsWith("-") ? -magnitude : magnitude;
}

function timestamp(text: string): Timestamp | undefined {
  const date = /^\d{4}-\d\d-\d\d$/;
  const moment = /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/;
  return date.test(text) || moment.test(text) ? new Timestamp(text) : undefined;
}
