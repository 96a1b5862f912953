import { readFile } from "node:fs/promises";

export interface Example {
  /** The heading that it stands below. */
  title: string;
  language: "sh" | "python";
  text: string;
}

/** The fenced examples of a document below its heading "Clients", each with the heading of its own. */
export async function examplesOf(file: string): Promise<Example[]> {
  const [, section = ""] = (await readFile(file, "utf8")).split(/^## Clients$/m);
  const [clients = ""] = section.split(/^## /m);
  return clients
    .split(/^### /m)
    .slice(1)
    .flatMap((part) => {
      const title = part.split("\n", 1)[0] ?? "";
      return [...part.matchAll(/^```(sh|python)\n(.*?)^```$/gms)].map(([, language, text = ""]) => ({
        title,
        language: language as Example["language"],
        text,
      }));
    });
}
