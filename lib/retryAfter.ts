/** As Azure's services send them; the first two are exact where Retry-After is rounded to seconds. */
const millisecondHeaders = ["x-ms-retry-after-ms", "retry-after-ms"];

/** How long an answer asks to wait, in milliseconds from now: Retry-After in either of its forms, or one of Azure's; undefined when it asks for nothing. */
export function retryAfterMs(header: (name: string) => string | null | undefined): number | undefined {
  for (const name of millisecondHeaders) {
    const ms = Number(header(name) ?? NaN);
    if (ms >= 0) return ms;
  }
  const value = header("retry-after");
  if (!value) return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
  return ms > 0 ? ms : undefined;
}
