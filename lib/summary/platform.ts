/** The stack's output as far as a summary tells it; contract/schema.ts documents it. */
export interface PlatformFacts {
  workspace: { id: string };
  labeling: { url: string | null; progress: { total: number; left: number } } | null;
  champion: {
    model: string;
    version: string;
    value: number;
    job: string;
    bestChild: string;
    architecture: string;
    dataVersion: string;
    history: readonly { version: string; value: number | null }[];
  };
  promotion: { outcome: string; reason: string; pendingVersion: string | null; report: string | null };
  endpoint: { id: string; name: string; state: string; scoringUri: string; traffic: Readonly<Record<string, number>> };
}
