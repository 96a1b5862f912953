import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { typescriptOptions } from "../../lib/typescript";
import { listProjects } from "../../lib/labeling/api";
import type { LastExport } from "../../lib/labeling/export/lastExport";
import { cloudEnvironment, withoutAzure } from "../../local/environment";
import { outcome, start, type Outcome } from "../providers/driver";
import { annotate, LabelingCloud } from "./labelingCloud";
import { goThrough, type Passed, type Run, type Step } from "./outages";
import { picture } from "./picture";
import { StudioProxy } from "./studioProxy";
import type { Suggesting } from "./suggestMain";

/** Of each folder. */
export const images = 3;
const rules = { exportOn: "count", exportStep: 1, validationFraction: 0.25, splitSeed: 7, required: false };
const box = { label: "person", topX: 0.1, topY: 0.2, bottomX: 0.5, bottomY: 0.6 };

/** Of a labeling project, or of an export. */
export interface State {
  projectId: number;
  last?: LastExport;
  mark: string;
}

/** A cloud and a Label Studio that resources see through a proxy of their own, each on a folder of images. */
export class FaultyPlace {
  private readonly proxies: StudioProxy[] = [];

  private constructor(readonly place: LabelingCloud) {}

  static async start(): Promise<FaultyPlace> {
    return new FaultyPlace(await LabelingCloud.start(true));
  }

  async remove(): Promise<void> {
    for (const proxy of this.proxies) await proxy.stop();
    await this.place.remove();
  }

  /** A folder, and what a program would give the resources. */
  async folder(folder: string, more: object = {}) {
    const { place } = this;
    await place.putMany(folder, images, await picture(100, 80));
    const proxy = await StudioProxy.start(place.studio.client.url);
    this.proxies.push(proxy);
    const args = { ...(await place.args(folder, more)), url: proxy.url };
    const token = place.studio.environment.LABEL_STUDIO_API_KEY ?? "";
    const begin = (resource: string, method: string, ...all: unknown[]): Run<State> => {
      const child = start(place.cloud.record, resource, method, all);
      return { child, ended: outcome<State>(child) };
    };
    return {
      ...{ proxy, args, begin },
      through: (step: Step, run: () => Run<State>): Promise<Passed<State>> => goThrough(proxy, step, token, run),
    };
  }

  /** With its labeling project. */
  async project(folder: string, more?: object) {
    const parts = await this.folder(folder, more);
    return { ...parts, state: await this.place.create<State>("labelingProject", parts.args) };
  }

  /** With its labeling project, in which all is done. */
  async labeled(folder: string, more?: object) {
    const parts = await this.project(folder, more);
    const { client } = this.place.studio;
    for (const { id } of await this.place.tasks(parts.state.projectId)) await annotate(client, id, [box]);
    return parts;
  }

  /** With its labeling project, in which all is done and to be exported. */
  async exporting(folder: string) {
    const { place } = this;
    const parts = await this.labeled(folder);
    const { args, state, begin } = parts;
    const { inputs } = await place.checked<State>("labelingExport", { ...args, ...rules, projectId: state.projectId });
    const expectOne = async ({ last }: State) => {
      expect(last).toMatchObject({ images, boxes: images });
      const versions = `${args.workspaceId}/data/${folder}-labels/versions`;
      const { body } = await place.cloud.arm("GET", versions, "2025-12-01");
      expect(body.value?.map(({ name }) => name)).toEqual([last?.version]);
    };
    return { ...parts, run: () => begin("labelingExport", "create", inputs), expectOne };
  }

  /** A run that suggests boxes. */
  suggesting(what: Suggesting): Run<State> {
    const node = [...typescriptOptions, join(__dirname, "suggestMain.ts"), JSON.stringify(what)];
    const env = { ...withoutAzure(process.env), ...cloudEnvironment(this.place.cloud.record) };
    const child = spawn(process.execPath, node, { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = text(child.stdout).then((printed) =>
      printed ? (JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as Outcome<State>) : undefined,
    );
    return { child, ended };
  }

  async projectsOf(title: string): Promise<number[]> {
    const found: number[] = [];
    for await (const { id, title: is } of listProjects(this.place.studio.client)) if (is === title) found.push(id);
    return found;
  }
}
