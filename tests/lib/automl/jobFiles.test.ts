import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseJobFiles, titleOf } from "../../../lib/automl";

describe("the job files of a stack", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "job-files-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, more = "") => {
    const file = join(folder, name);
    writeFileSync(
      file,
      `type: automl
task: image_object_detection
compute: azureml:gpu
target_column_name: label
training_data: {path: "azureml:pictures:1", type: mltable}
${more}`,
    );
    return file;
  };

  test("are called by their own name, else their title, else their file's name", () => {
    const files = [
      write("a.yml", "name: named\ndisplay_name: titled"),
      write("b.yml", "display_name: a title"),
      write("c.yml"),
    ];
    expect(parseJobFiles(files).map(titleOf)).toEqual(["named", "a-title", "c"]);
  });

  test("may not be called the same, since each would take the other's job for its own", () => {
    const files = [write("a.yml", "display_name: same"), write("b.yml", "display_name: same")];
    expect(() => parseJobFiles(files)).toThrow(
      /b\.yml: it is called "same", and so is .*a\.yml\. Give one of them another name/,
    );
  });

  test("tell the mistakes of all files", () => {
    const files = [write("a.yml", "limit: 1"), write("b.yml", "swep: 1")];
    expect(() => parseJobFiles(files)).toThrow(/a\.yml[^]*limits[^]*b\.yml[^]*sweep/);
  });
});
