import { createHash } from "node:crypto";
import { html, Markup, type Content } from "./markup";
import { pageStyle } from "./style";

export interface Page {
  title: string;
  /** Under the title. */
  subtitle: Content;
  body: Content;
  /** JavaScript of the page's own; nothing that came from elsewhere may be in it. */
  script: string;
  /** Rules beside the common ones. */
  style?: string;
}

/**
 * One file that needs nothing else and asks nobody: its policy lets the page's own script run, shows pictures that are in the
 * file, and forbids the rest, so that even markup that got in could do nothing.
 */
export function renderPage({ title, subtitle, body, script, style = "" }: Page): string {
  const code = compacted(script);
  const hash = createHash("sha256").update(code).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const element = new Markup(`<script>${code}</script>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Markup(pageStyle + style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <h1>${title}</h1>
          <p class="subtitle">${subtitle}</p>
        </header>
        <main id="content">${body}</main>
        ${element}
      </body>
    </html>`;
  return `${compacted(page.text)}\n`;
}

/** A part of a page, which screen readers list by its heading. */
export function section(id: string, title: string, content: Content): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}
  </section>`;
}

/** Without the indentation of the templates. */
function compacted(text: string): string {
  return text.replace(/\n\s+/g, "\n");
}
