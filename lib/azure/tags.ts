import { z } from "zod";
import { text } from "../configValues";

/** Azure's limits, those of storage accounts where they are narrower: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
const most = 48;
const name = z
  .string()
  .regex(/^[^<>%&\\?/\p{Cc}]{1,128}$/u, "1 to 128 characters without < > % & \\ ? /")
  .refine(
    (key) => !/^(microsoft|azure|windows)/i.test(key),
    "a name that does not begin with microsoft, azure or windows",
  );

/** Tags of resources: names and texts. */
export const tagsSchema = z
  .record(name, text("a text of at most 256 characters").pipe(z.string().max(256, "at most 256 characters")))
  .refine((tags) => Object.keys(tags).length <= most, `at most ${most} tags`)
  .refine(
    (tags) => new Set(Object.keys(tags).map((key) => key.toLowerCase())).size === Object.keys(tags).length,
    "each name once: Azure compares them without case",
  );
