/**
 * How a request to a deployment can fail, with the status that the router answers: azureml-fe of a cluster, or the one of
 * managed endpoints, which have other statuses for some of it.
 * https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints#http-status-codes
 */
export class ScoringError extends Error {
  constructor(
    readonly status: 400 | 408 | 424 | 429 | 502 | 503 | 504,
    message: string,
    /** What the model itself answered, when it did. */
    readonly modelStatus?: number,
  ) {
    super(message);
  }
}
