/** A refusal of Label Studio: the request was understood and not done. */
export class LabelStudioError extends Error {
  override readonly name = "LabelStudioError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A request that changes something and had no good answer: it may have been done, or be done later. */
export class UnknownOutcome extends Error {
  override readonly name = "UnknownOutcome";
  constructor(
    message: string,
    /** Whether Label Studio itself has ended with it, so that nothing of it comes later. */
    readonly isOver: boolean,
  ) {
    super(message);
  }
}
