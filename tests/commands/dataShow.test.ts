import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import sharp from "sharp";
import { describeInBrowser, look, openBrowser, views } from "../browser/chromium";
import { runTool } from "./command";

const box = (label: string, topX = 0.1) => ({ label, topX, topY: 0.1, bottomX: topX + 0.5, bottomY: 0.6, isCrowd: 0 });
const hostile = `<img src=x onerror=alert(1)>`;

describe("data:show", () => {
  let folder: string;
  let page: string;

  const show = (args: string[], memoryMb = 200) =>
    runTool("dataShow", args, { node: [`--max-old-space-size=${memoryMb}`] });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "data-show-"));
    page = join(folder, "gallery.html");
    await mkdir(join(folder, "images"));
    for (const part of ["training", "validation"]) await mkdir(join(folder, "tables", part), { recursive: true });
    const line = (name: string, ...labels: string[]) =>
      JSON.stringify({
        image_url: `azureml://x/paths/train/${name}`,
        image_details: { width: 64, height: 48 },
        label: labels.map((label) => box(label)),
      });
    for (const name of ["a.jpg", "b c.jpg"])
      await sharp({ create: { width: 64, height: 48, channels: 3, background: "#888" } })
        .jpeg()
        .toFile(join(folder, "images", name));
    await writeFile(
      join(folder, "tables/training/t.jsonl"),
      [line("a.jpg", "cat", "cat", "dog"), line("b%20c.jpg", hostile), "no JSON"].join("\n"),
    );
    await writeFile(join(folder, "tables/validation/v.jsonl"), `${line("gone.jpg", "cat")}\n`);
    await writeFile(
      join(folder, "tables/report.json"),
      JSON.stringify({
        images: 3,
        boxes: 5,
        labels: {},
        skipped: { no_boxes: 2, other_class: 4 },
        dropped: { car: 4 },
        clamped: 1,
        rejected: [{ annotationId: 17, imageId: 3, reason: "zero area" }],
        rejectedTotal: 1,
      }),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("shows pictures, balance, parts, and what was left out", async () => {
    const { status, stdout } = await show([join(folder, "tables"), "--images", join(folder, "images"), "--out", page]);
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("(3 of 3 images") as string,
    });
    const text = await readFile(page, "utf8");
    for (const shown of [
      "All 3 images are shown",
      "60.0 %",
      "zero area",
      "category car",
      "gone.jpg is not in",
      "1 line of the tables could not be read",
      "&lt;img src=x",
    ])
      expect(text).toContain(shown);
    expect(text).not.toContain("<img");
    expect(text.match(/data:image\/jpeg/g)).toHaveLength(2);
  });

  it("samples 118,287 images in 100 MB of heap, counts them all, and says so", async () => {
    const large = join(folder, "large");
    await mkdir(join(large, "training"), { recursive: true });
    const file = createWriteStream(join(large, "training/t.jsonl"));
    for (let number = 0; number < 118_287; number++) {
      const label = Array.from({ length: 7 }, (_, index) => box(index % 2 ? "cat" : "dog", index / 20));
      const line = { image_url: `azureml://x/paths/${number}.jpg`, image_details: { width: 640, height: 480 }, label };
      if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, "drain");
    }
    file.end();
    await once(file, "finish");
    const { status, stdout, stderr } = await show(
      [large, "--images", join(folder, "images"), "--most", "100", "--out", page],
      100,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("(100 of 118287 images");
    const text = await readFile(page, "utf8");
    expect(text).toContain("A sample of 100 of 118,287 images is shown");
    expect(text).toContain("828009");
  }, 120_000);

  it.each([
    [["nowhere/at/all", "--out", "x.html"], "AZURE_SUBSCRIPTION_ID"],
    [["lib/report"], "lib/report has no MLTable folder"],
    [["tests", "--most", "x"], '--most is "x"; allowed is a whole number from 0 to 2000'],
  ])("refuses %j in words", async (args, words) => {
    const { status, stderr } = await show(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`${words}|ARM_CLOUD`));
  });

  describeInBrowser("in a browser", () => {
    it("reads well in each window, filters, runs nothing foreign, and asks nobody", async () => {
      await show([join(folder, "tables"), "--images", join(folder, "images"), "--out", page]);
      const browser = await openBrowser();
      try {
        for (const view of views) {
          const seen = await look(browser, page, view, async (tab) => {
            await tab.select("#by-label", "0");
            expect(await tab.evaluate("document.getElementById('count').textContent")).toBe("2 of 3 pictures");
          });
          expect({ view, ...seen }).toEqual({ view, serious: [], errors: [], requests: [], tooWide: false });
        }
      } finally {
        await browser.close();
      }
    }, 120_000);
  });
});
