/** How a command ends that does not succeed: what it writes to stderr; its exit status is 1. */
export class CommandError extends Error {}
