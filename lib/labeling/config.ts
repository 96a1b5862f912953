import { z } from "zod";
import { count, positive, share } from "../configValues";
import { hostSchema } from "./hostConfig";

/** When Azure ML's data labeling was retired; see https://azure.microsoft.com/updates/?id=501692. */
export const labelingRetiredOn = "2026-09-30";

const httpAddress = z.url({ protocol: /^https?$/, error: "an http or https address" });

const email = z.email("an e-mail address");

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
    /** Label Studio runs elsewhere, at labeling.url, or the stack runs it on Azure as labeling.azure says. */
    host: z.enum(["url", "azure"]).default("url"),
    /** The Label Studio of this labeling project alone; required with host "azure". */
    azure: hostSchema.optional(),
    /**
     * With host "url": address of Label Studio; LABEL_STUDIO_URL of the environment when absent. Its token is LABEL_STUDIO_API_KEY.
     * @example https://labels.example.com
     */
    url: httpAddress.optional(),
    /**
     * With host "url": address of the image gateway; LABELING_IMAGES_URL of the environment when absent. Its keys are
     * LABELING_IMAGES_KEYS.
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
    /** A model suggests boxes on the images that nobody has labeled yet. */
    mlAssist: z
      .strictObject({
        /** Whether it does: the champion in Label Studio, a model of its own in Azure ML's service. */
        enabled: z.boolean().default(true),
        /** Images that people have done before anything is suggested to them; Label Studio only. */
        minLabeled: count.default(75),
        /** Lowest score of a box that is suggested; Label Studio only. */
        confidence: share.default(0.3),
      })
      .prefault({}),
    /**
     * E-mail addresses with which people sign up whose work counts in an export; everybody's when empty. Label Studio only.
     * @example ["anna@example.com"]
     */
    labelers: z.array(email).default([]),
    /**
     * E-mail addresses of those whose work counts before that of others; Label Studio only.
     * @example ["ben@example.com"]
     */
    reviewers: z.array(email).default([]),
    /**
     * When `up` exports what people have labeled in Label Studio: when exportStep images more are done than at the last export,
     * when exportStep percent of all images more are, or never by itself.
     */
    exportOn: z.enum(["manual", "count", "percent"]).default("manual"),
    /** Images, or percent of all images, that make the next export due. */
    exportStep: positive.default(25),
    /** Whether a destroy deletes what people have labeled in Label Studio; an export lies in the container before. */
    deleteAnnotations: z.boolean().default(false),
  })
  .superRefine(({ labels, renameLabels, service, host, azure, url, imagesUrl }, context) => {
    const mistake = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (host === "azure") {
      if (!azure) mistake("azure", 'it is required with labeling.host "azure"');
      if (service !== "labelStudio")
        mistake(
          "host",
          'only Label Studio runs there: set labeling.service to "labelStudio", or labeling.host to "url"',
        );
      const given = { url, imagesUrl };
      for (const [key, address] of Object.entries(given))
        if (address !== undefined) mistake(key, 'with labeling.host "azure" the stack makes the address; remove it');
    }
    for (const [from, to] of Object.entries(renameLabels)) {
      const message = labels.includes(from)
        ? `"${from}" is still one of labeling.labels; take it out there, or here`
        : labels.includes(to)
          ? undefined
          : `"${to}" is none of labeling.labels (${labels.join(", ")})`;
      if (message) context.addIssue({ code: "custom", path: ["renameLabels", from], message });
    }
  });
