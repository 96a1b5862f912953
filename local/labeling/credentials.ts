import { readFile } from "node:fs/promises";
import { z } from "zod";
import writeFileAtomic from "write-file-atomic";
import { makeSecret } from "../../lib/secretForms";

const schema = z.object({
  user: z.string(),
  password: z.string(),
  /** Of the API. */
  token: z.string().regex(/^[0-9a-f]{40}$/),
  /** Signs the addresses of images: `ID:KEY`, see lib/labeling/signedPath. */
  imageKeys: z.string(),
});

export type LabelingCredentials = z.output<typeof schema>;

/** The credentials in a file for its owner alone; made at first use. They are Label Studio's from its first start on. */
export async function ensureCredentials(file: string): Promise<LabelingCredentials> {
  const kept = await readCredentials(file);
  if (kept) return kept;
  const made = {
    user: "admin@labeling.local",
    password: makeSecret("password"),
    token: makeSecret("token"),
    imageKeys: makeSecret("imageKey"),
  };
  await writeFileAtomic(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}

/** Undefined where there are none, or none that can be read. */
export async function readCredentials(file: string): Promise<LabelingCredentials | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}
