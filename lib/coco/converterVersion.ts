/** Raised when the same annotations make other lines. The program reads it in each preview, so it loads no converter. */
export const converterVersion = "1";
