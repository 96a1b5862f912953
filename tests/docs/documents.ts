import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** What documents may name. */
export interface Known {
  /** Names of the scripts of package.json. */
  scripts: ReadonlySet<string>;
  /** Keys of the configuration with their types: "map" takes any key below it. */
  keys: ReadonlyMap<string, string>;
}

const fence = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm;
const link = /\[(?:[^[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g;
const image = /<(?:img|a)\s[^>]*?(?:src|href)="([^"]+)"/g;
const code = /`([^`\n]+)`/g;
const script = /\bnpm run (?:(?:-s|--silent) )?([a-z][\w:-]*)/g;
const setKey = /\bconfig (?:set|rm|get)\b[^\n`]*? --path '?([A-Za-z][\w.]*)/g;

/** All Markdown files of a folder, and of those in it. */
export function markdownIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/**
 * What a document says that is not so: links and anchors that lead nowhere, scripts and configuration keys that do not exist.
 * @param file absolute path, from which relative links count
 * @param text the document; need not be what the file has
 */
export function problemsOf(file: string, text: string, known: Known): string[] {
  const prose = text.replace(fence, "");
  const links = [...all(link, prose.replace(code, "``")), ...all(image, prose)];
  const keys = new Set([
    ...all(code, prose).flatMap((span) => /^([a-z]\w*(?:\.\w+)+)(?=$|[:=\s[])/i.exec(span)?.[1] ?? []),
    ...all(setKey, text).filter((key) => /^[a-z]/.test(key)),
  ]);
  return [
    ...links.flatMap((target) => problemOfLink(file, text, target)),
    ...all(script, text)
      .filter((name) => !known.scripts.has(name))
      .map((name) => `npm run ${name}: package.json has no such script`),
    ...[...keys]
      .filter((key) => isUnknownKey(key, known.keys))
      .map((key) => `${key}: the configuration has no such key`),
  ];
}

/** Anchors of the headings of a document, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...text.replace(fence, "").matchAll(/^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm)];
  return new Set(
    headings.map(([, heading = ""]) => {
      const slug = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, "")
        .replaceAll(" ", "-");
      const times = seen.get(slug) ?? 0;
      seen.set(slug, times + 1);
      return times === 0 ? slug : `${slug}-${times}`;
    }),
  );
}

function problemOfLink(file: string, text: string, target: string): string[] {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
  const [path = "", anchor] = target.split("#");
  const wanted = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
  if (wanted !== file && !existsSync(wanted)) return [`${target}: there is no ${relative(dirname(file), wanted)}`];
  if (anchor === undefined || statSync(wanted, { throwIfNoEntry: false })?.isDirectory()) return [];
  const content = wanted === file ? text : readFileSync(wanted, "utf8");
  return anchorsOf(content).has(anchor) ? [] : [`${target}: there is no heading for #${anchor}`];
}

/** Whether a dotted name begins with a section of the configuration, and is no key of it. */
function isUnknownKey(key: string, keys: Known["keys"]): boolean {
  const steps = key.split(".");
  const sections = new Set([...keys.keys()].filter((path) => path.includes(".")).map((path) => path.split(".")[0]));
  if (steps.length === 1 ? keys.has(key) : !sections.has(steps[0])) return false;
  const isKey = (path: string) => keys.has(path);
  const ofMap = keys.get(steps.slice(0, -1).join("."))?.includes("map") ?? false;
  return !isKey(key) && !ofMap;
}

function all(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}
