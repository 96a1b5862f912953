/** Text that is markup already. Everything else that goes into a page is escaped. */
export class Markup {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type Content = Markup | string | number | null | undefined | false | readonly Content[];

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A template whose values are escaped, whatever they are: names of runs, labels and files come from other people. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + contentText(values[index - 1]) + part));
}

function contentText(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map(contentText).join("");
  return escapeText(String(content));
}

/** A value as JSON that can stand in a script element: nothing in it ends the element or begins a comment. */
export function jsonForScript(value: unknown): Markup {
  const hidden: Record<string, string> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
  return new Markup(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (found) => hidden[found] ?? " "));
}

/** A link for addresses of the web; of any other kind (`javascript:`) the text alone. */
export function link(address: string | undefined, text: string): Markup {
  const isWeb = address !== undefined && /^https?:\/\//i.test(address) && URL.canParse(address);
  return isWeb ? html`<a href="${address}" rel="noreferrer">${text}</a>` : html`${text}`;
}
