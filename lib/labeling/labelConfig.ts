/** Names of the tags, to which annotations refer. */
export const imageTag = "image";
export const boxesTag = "label";

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** The labeling interface: an image, and rectangles of these labels on it. */
export function labelConfig(labels: readonly string[]): string {
  const tags = labels.map((label) => `<Label value="${escape(label)}"/>`).join("");
  return (
    `<View><Image name="${imageTag}" value="$image" zoom="true"/>` +
    `<RectangleLabels name="${boxesTag}" toName="${imageTag}">${tags}</RectangleLabels></View>`
  );
}

/** The labels of an interface, as they stand in it. */
export function labelsOf(config: string): string[] {
  return [...config.matchAll(/<Label\s[^>]*?\bvalue="([^"]*)"/g)].map(([, value = ""]) => unescape(value));
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}

function unescape(text: string): string {
  return Object.entries(escapes).reduceRight((all, [character, written]) => all.replaceAll(written, character), text);
}
