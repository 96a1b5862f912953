import { z } from "zod";
import { typeAndName, type Digest } from "./digest";
import { plain, type Section } from "./markdown";

const outputs = z.object({
  platform: z.object({
    promotion: z.object({ outcome: z.string(), reason: z.string(), report: z.string().nullable() }),
  }),
});

/** What the gate came to in the last `up`, and where the comparison of its models is; empty before the first one. */
export function lastDecision({ steps }: Digest): Section[] {
  const stack = steps.find(({ urn }) => typeAndName(urn).type === "pulumi:pulumi:Stack");
  const known = outputs.safeParse(stack?.oldState?.outputs);
  if (!known.success) return [];
  const { outcome, reason, report } = known.data.platform.promotion;
  const link = report !== null && URL.canParse(report) ? new URL(report) : undefined;
  const page =
    link?.protocol === "https:"
      ? `; [comparison of its models](${link.href.replaceAll("(", "%28").replaceAll(")", "%29")}), which takes a token to read`
      : "";
  return [{ title: "Last decision of the gate", lines: [`- ${plain(outcome)}: ${plain(reason)}${page}`] }];
}
