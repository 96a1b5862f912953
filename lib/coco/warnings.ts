import { plural } from "../plural";
import type { ConvertReport } from "./report";

const namedInWarning = 3;

/** What a person should know of a conversion: images that were left out, and annotations that are no boxes. */
export function warningsOf({ skipped, files, rejected, rejectedTotal }: ConvertReport, annotations: string): string[] {
  const { no_boxes: _, other_class: __, ...leftOut } = skipped;
  const examples = [...(files?.missing ?? []), ...(files?.unreadable ?? [])].slice(0, namedInWarning);
  const warnings = Object.entries(leftOut).map(
    ([reason, count]) =>
      `${annotations}: ${plural(count, "image is", "images are")} left out: ${reason.replaceAll("_", " ")}`,
  );
  if (examples.length > 0) warnings.push(`${annotations}: among those left out are ${examples.join(", ")}`);
  const [first] = rejected;
  if (first) {
    const example = `annotation ${String(first.annotationId)}: ${first.reason}`;
    warnings.push(
      `${annotations}: ${plural(rejectedTotal, "annotation is no box", "annotations are no boxes")}, such as ${example}`,
    );
  }
  return warnings;
}
