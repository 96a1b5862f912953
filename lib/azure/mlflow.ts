import { apiVersions, ArmRequestError, type ArmClient } from "./arm";

/** A run as MLflow tracking answers it, with the lists of keys and values turned into records. */
export interface TrackedRun {
  runId: string;
  experimentId: string;
  status: string;
  startTime?: number;
  endTime?: number;
  /** Last value of each metric. */
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
}

export interface MetricPoint {
  key: string;
  value: number;
  step: number;
  timestamp: number;
}

interface Wire {
  info: { run_id: string; experiment_id: string; status: string; start_time?: number; end_time?: number };
  data?: {
    metrics?: { key: string; value: number }[];
    params?: { key: string; value: string }[];
    tags?: { key: string; value: string }[];
  };
}

/** MLflow tracking of one Azure ML workspace, over REST. */
export class TrackingClient {
  private constructor(
    private readonly arm: ArmClient,
    private readonly base: string,
  ) {}

  private static readonly connected = new WeakMap<ArmClient, Map<string, Promise<TrackingClient>>>();

  /** The tracking of a workspace; asked for its address once. */
  static connect(arm: ArmClient, workspaceId: string): Promise<TrackingClient> {
    const ofArm = TrackingClient.connected.get(arm) ?? new Map<string, Promise<TrackingClient>>();
    TrackingClient.connected.set(arm, ofArm);
    let client = ofArm.get(workspaceId);
    if (!client) {
      client = TrackingClient.open(arm, workspaceId).catch((error: unknown) => {
        ofArm.delete(workspaceId);
        throw error;
      });
      ofArm.set(workspaceId, client);
    }
    return client;
  }

  private static async open(arm: ArmClient, workspaceId: string): Promise<TrackingClient> {
    const workspace = await arm.get<{ mlFlowTrackingUri?: string }>(workspaceId, apiVersions.machineLearning);
    const uri = workspace?.properties.mlFlowTrackingUri;
    if (!uri)
      throw new ArmRequestError(
        404,
        "WorkspaceNotFound",
        `Workspace ${workspaceId} was not found or has no tracking URI.`,
      );
    return new TrackingClient(arm, `${uri.replace(/^azureml:/, "https:").replace(/\/$/, "")}/api/2.0/mlflow`);
  }

  async run(runId: string): Promise<TrackedRun | undefined> {
    const answer = await this.arm.request(
      "GET",
      `${this.base}/runs/get?run_id=${encodeURIComponent(runId)}`,
      undefined,
      [404],
    );
    return answer.status === 404 ? undefined : readRun((answer.body as { run: Wire }).run);
  }

  /** The children of a run, which are in its experiment. */
  async children({ runId, experimentId }: Pick<TrackedRun, "runId" | "experimentId">): Promise<TrackedRun[]> {
    const found: TrackedRun[] = [];
    let pageToken: string | undefined;
    do {
      const page = (
        await this.arm.request("POST", `${this.base}/runs/search`, {
          experiment_ids: [experimentId],
          filter: `tags.mlflow.parentRunId = '${runId}'`,
          max_results: 200,
          ...(pageToken ? { page_token: pageToken } : {}),
        })
      ).body as { runs?: Wire[]; next_page_token?: string };
      found.push(...(page.runs ?? []).map(readRun));
      pageToken = page.next_page_token;
    } while (pageToken);
    return found;
  }

  /** Appends metrics, and sets parameters and tags. */
  async log(
    runId: string,
    {
      metrics = [],
      params = {},
      tags = {},
    }: { metrics?: Omit<MetricPoint, "timestamp">[]; params?: Record<string, string>; tags?: Record<string, string> },
  ): Promise<void> {
    const pairs = (record: Record<string, string>) => Object.entries(record).map(([key, value]) => ({ key, value }));
    await this.arm.request("POST", `${this.base}/runs/log-batch`, {
      run_id: runId,
      metrics: metrics.map((metric) => ({ ...metric, timestamp: Date.now() })),
      params: pairs(params),
      tags: pairs(tags),
    });
  }

  async metricHistory(runId: string, key: string): Promise<MetricPoint[]> {
    const query = new URLSearchParams({ run_id: runId, metric_key: key });
    const answer = await this.arm.request("GET", `${this.base}/metrics/get-history?${query.toString()}`);
    return (answer.body as { metrics?: MetricPoint[] }).metrics ?? [];
  }
}

function readRun(wire: Wire): TrackedRun {
  const record = <V>(pairs: { key: string; value: V }[] | undefined): Record<string, V> =>
    Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value]));
  return {
    runId: wire.info.run_id,
    experimentId: wire.info.experiment_id,
    status: wire.info.status,
    startTime: wire.info.start_time,
    endTime: wire.info.end_time,
    metrics: record(wire.data?.metrics),
    params: record(wire.data?.params),
    tags: record(wire.data?.tags),
  };
}
