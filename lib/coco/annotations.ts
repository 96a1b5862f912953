import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UserError } from "../errors";

const identifier = z.number().int();

const instances = z.object({
  images: z.array(
    z.object({
      id: identifier,
      file_name: z.string().min(1),
      width: z.number().positive(),
      height: z.number().positive(),
    }),
  ),
  annotations: z.array(
    z.object({
      id: identifier,
      image_id: identifier,
      category_id: identifier,
      bbox: z.array(z.unknown()),
      iscrowd: z.union([z.literal(0), z.literal(1)]).default(0),
    }),
  ),
  categories: z.array(z.object({ id: identifier, name: z.string().min(1), supercategory: z.string().optional() })),
});

/** COCO's instances file as far as detection needs it. `bbox` is checked box by box, so that one bad box does not refuse the file. */
export type CocoInstances = z.output<typeof instances>;
export type CocoImage = CocoInstances["images"][number];
export type CocoAnnotation = CocoInstances["annotations"][number];

/**
 * Reads and checks an instances file.
 * @throws UserError when the file is not there, is no JSON, lacks a key, or has an image id twice.
 */
export async function readInstances(file: string): Promise<CocoInstances> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `The annotations file "${file}" cannot be read: ${error.code}. Give the path of a COCO instances file.`,
    );
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `The annotations file "${file}" is broken: ${error instanceof Error ? error.message : String(error)}. Fetch it again.`,
    );
  }
  const parsed = instances.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(
      `The annotations file "${file}" is no COCO instances file: ${issue?.path.join(".") || "top"}: ${issue?.message}.`,
    );
  }
  const seen = new Set<number>();
  for (const { id } of parsed.data.images) {
    if (seen.has(id))
      throw new UserError(`The annotations file "${file}" has image id ${id} twice. Keep one of the two images.`);
    seen.add(id);
  }
  return parsed.data;
}
