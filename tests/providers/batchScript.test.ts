import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** As Azure ML runs it: init() once, run() with the paths of a mini-batch; what it returns are rows. */
const runner = `
import json, sys
import batch_score
batch_score.init()
print(json.dumps(batch_score.run(sys.argv[1:])))
`;

/** In the place of AutoML's scoring file, which needs torch: the same functions, and an answer that tells what it was sent. */
const score = `
import base64, json

model = None

class Refused:
    status = 400

def init():
    global model
    model = "loaded"

def run(raw_data):
    [image] = json.loads(raw_data)["input_data"]["data"]
    content = base64.b64decode(image).decode()
    if content == "bad":
        raise RuntimeError("no picture")
    if content == "refused":
        return Refused()
    answer = [{"boxes": [{"label": f"{model} {content}", "score": 0.5}]}]
    return json.dumps(answer) if content == "text" else answer
`;

describe("the script of a batch deployment", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "batch-script-"));
    await copyFile("providers/scoringCode/batch_score.py", join(folder, "batch_score.py"));
    await writeFile(join(folder, "score.py"), score);
    await writeFile(join(folder, "runner.py"), runner);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("answers a row for each picture that the scoring file scores, and none for the others", async () => {
    const contents = ["list", "bad", "text", "refused"];
    const files = contents.map((name) => join(folder, `${name}.jpg`));
    for (const [index, file] of files.entries()) await writeFile(file, contents[index] ?? "");
    const { stdout, stderr } = await promisify(execFile)("python3", ["runner.py", ...files], { cwd: folder });
    const rows = (JSON.parse(stdout) as string[]).map((row) => JSON.parse(row) as unknown);
    const row = (name: string) => ({ filename: `${name}.jpg`, boxes: [{ label: `loaded ${name}`, score: 0.5 }] });
    expect(rows).toEqual([row("list"), row("text")]);
    for (const failed of ["bad", "refused"]) expect(stderr).toContain(`${failed}.jpg cannot be scored`);
  }, 20_000);
});
