/** Of a command that was interrupted, as shells have it. */
export const interruptedStatus = 130;
