/** How a request to a deployment can fail, with the status that the inference router answers. */
export class ScoringError extends Error {
  constructor(
    readonly status: 400 | 408 | 424 | 429 | 503,
    message: string,
    /** What the model itself answered, when it did. */
    readonly modelStatus?: number,
  ) {
    super(message);
  }
}
