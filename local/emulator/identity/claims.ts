/** When a token ends by the clock of the local cloud, in milliseconds. */
export const localExpiryClaim = "local_exp";
