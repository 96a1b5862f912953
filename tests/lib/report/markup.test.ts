import fc from "fast-check";
import { html, jsonForScript, link } from "../../../lib/report/html/markup";

describe("markup", () => {
  it("never takes a value for markup", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { text: markup } = html`<p title="${text}">${text}</p>`;
        expect(markup.match(/[<>"]/g)).toHaveLength(6);
      }),
    );
  });

  it("puts JSON into a script that it cannot end", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("</script>", "<!--", "\u2028"), (value, odd) => {
        const { text } = jsonForScript({ value, odd });
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.stringify(JSON.parse(text))).toBe(
          JSON.stringify({ value, odd }).replaceAll("\u2028", odd === "\u2028" ? " " : " "),
        );
      }),
    );
  });

  it.each([
    [
      "https://ml.azure.com/runs/a?x=1&y=2",
      '<a href="https://ml.azure.com/runs/a?x=1&amp;y=2" rel="noreferrer">run</a>',
    ],
    ["javascript:alert(1)", "run"],
    [" javascript:alert(1)", "run"],
    ["data:text/html,<script>", "run"],
    [undefined, "run"],
  ])("links %p only when it is an address of the web", (address, expected) => {
    expect(link(address, "run").text).toBe(expected);
  });
});
