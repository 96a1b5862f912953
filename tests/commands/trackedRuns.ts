import { TestCloud } from "../local/emulator/testCloud";

interface Tracked {
  experiment_id?: string;
  run?: { info: { run_id: string } };
}

export interface NewRun {
  name: string;
  tags?: Record<string, string>;
  params?: Record<string, string>;
  /** Values by epoch, from 1. */
  metrics?: Record<string, number[]>;
  status?: string;
}

/** A workspace of a cloud of its own, with runs that nobody has trained. */
export class TrackedRuns {
  private constructor(
    readonly cloud: TestCloud,
    readonly workspaceId: string,
  ) {}

  static async start(): Promise<TrackedRuns> {
    const cloud = await TestCloud.start();
    return new TrackedRuns(cloud, await cloud.workspace("mlw", await cloud.group("rg")));
  }

  async experiment(name: string): Promise<string> {
    return (await this.send("experiments/create", { name })).experiment_id ?? "";
  }

  async run(
    experiment: string,
    { name, tags = {}, params = {}, metrics = {}, status = "FINISHED" }: NewRun,
  ): Promise<string> {
    const pairs = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => ({ key, value }));
    const { run } = await this.send("runs/create", {
      experiment_id: experiment,
      run_name: name,
      start_time: 1_700_000_000_000,
      tags: pairs(tags),
    });
    const id = run?.info.run_id ?? "";
    const points = Object.entries(metrics).flatMap(([key, values]) =>
      values.map((value, index) => ({ key, value, step: index + 1, timestamp: 1_700_000_000_000 })),
    );
    await this.send("runs/log-batch", { run_id: id, params: pairs(params) });
    for (let at = 0; at < points.length; at += 1000)
      await this.send("runs/log-batch", { run_id: id, metrics: points.slice(at, at + 1000) });
    await this.send("runs/update", { run_id: id, status, end_time: 1_700_003_600_000 });
    return id;
  }

  private async send(path: string, body: unknown): Promise<Tracked> {
    const answer = await this.cloud.request("POST", `/mlflow/v1.0${this.workspaceId}/api/2.0/mlflow/${path}`, { body });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Tracked;
  }
}
