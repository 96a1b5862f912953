import { z } from "zod";

/** When Azure ML's data labeling was retired; see https://azure.microsoft.com/updates/?id=501692. */
export const labelingRetiredOn = "2026-09-30";

const httpAddress = z.url({ protocol: /^https?$/, error: "an http or https address" });

/** The configuration's key `labeling`. */
export const labelingSchema = z
  .strictObject({
    /**
     * Where people label: in Label Studio, in Azure ML's own service (retired on 2026-09-30), or nowhere. Label Studio where
     * LABEL_STUDIO_URL of the environment has its address, and else Azure ML's, unless this says so.
     */
    service: z
      .enum(["labelStudio", "azureml", "none"])
      .default(() => (process.env.LABEL_STUDIO_URL ? "labelStudio" : "azureml")),
    /**
     * Address of Label Studio; LABEL_STUDIO_URL of the environment when absent. Its token is LABEL_STUDIO_API_KEY.
     * @example https://labels.example.com
     */
    url: httpAddress.optional(),
    /**
     * Address of the image gateway; LABELING_IMAGES_URL of the environment when absent. Its keys are LABELING_IMAGES_KEYS.
     * @example https://images.example.com
     */
    imagesUrl: httpAddress.optional(),
    /** Labels that people choose among. */
    labels: z
      .array(z.string().regex(/^\S(.{0,98}\S)?$/u, "1 to 100 characters, without spaces around them"))
      .min(1)
      .refine((labels) => new Set(labels).size === labels.length, "each label once")
      .default(["person", "food", "animal"]),
    /** What becomes of labels that are no more, in the annotations that have them: {"cat": "animal"}. */
    renameLabels: z.record(z.string().min(1), z.string().min(1)).default({}),
    /** What labelers see before they begin. */
    instructions: z
      .strictObject({
        /** Words for the labelers. */
        text: z.string().default("Draw a box around each object, as close to it as you can."),
        /** Page with more of it. */
        url: httpAddress.default("https://cocodataset.org/#format-data"),
      })
      .prefault({}),
    /** Whether images that are added to the folder later are labeled, too. */
    incrementalRefresh: z.boolean().default(true),
    /** Lets a model pre-label the rest after the first images; Azure ML's own service only. */
    mlAssist: z.boolean().default(true),
    /** Whether a destroy deletes what people have labeled in Label Studio; an export lies in the container before. */
    deleteAnnotations: z.boolean().default(false),
  })
  .superRefine(({ labels, renameLabels }, context) => {
    for (const [from, to] of Object.entries(renameLabels)) {
      const message = labels.includes(from)
        ? `"${from}" is still one of labeling.labels; take it out there, or here`
        : labels.includes(to)
          ? undefined
          : `"${to}" is none of labeling.labels (${labels.join(", ")})`;
      if (message) context.addIssue({ code: "custom", path: ["renameLabels", from], message });
    }
  });
