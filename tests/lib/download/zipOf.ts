import { ZipFile } from "yazl";

/** A zip of one folder, ZIP64 as the large ones of COCO are, with the folder as an entry of its own. */
export async function zipOf(folder: string, files: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addEmptyDirectory(folder);
  for (const [index, [name, content]] of files.entries()) {
    zip.addBuffer(content, `${folder}/${name}`, { compress: index % 2 === 0, forceZip64Format: true });
  }
  zip.end({ forceZip64Format: true, comment: "" });
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
