import type { Digest } from "./digest";

/** What stands in place of a secret. */
export const redacted = "[secret]";

/** Fewer characters are no secret, and words that occur everywhere. */
const shortest = 6;
/** By which the engine marks a secret value. */
const signature = "4dabf18193072939515e22adb298388d";
const sensitiveName =
  /(password|passphrase|passwd|secret|credential|private_?key|access_?key|account_?key|shared_?key|primary_?key|secondary_?key|api_?key|connection_?string|sas|(^|[a-z_])token)$/i;
/** Names that end like secrets and are none. */
const harmlessName = /^(forceToken|sslSecret|keySecret|authMode)$/;

/** Forms that secrets of Azure, GitHub and others have wherever they stand. */
const forms: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g,
  /\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|pul-[0-9a-f]{40})/g,
  /(?<=(AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=)[^;\s"'`|]+/gi,
  /(?<=[?&](sig|code|token|key)=)[^&\s"'`|]+/gi,
  /(?<=\b(Bearer|Basic) )[\w+/=.~-]{8,}/g,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
  /[A-Za-z0-9+/]{86}==/g,
];

/**
 * Secrets that a preview and its environment hold: values that the engine marks, values under names such as password or
 * accountKey at any depth, and variables of the environment with such names.
 */
export function secretsOf(digest: Digest, environment: NodeJS.ProcessEnv): string[] {
  const found = new Set<string>();
  const add = (value: unknown) => {
    if (typeof value === "string" && value.length >= shortest && value !== redacted) found.add(value);
    if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) add(inner);
  };
  const visit = (value: unknown, name: string): void => {
    if (typeof value !== "object" || value === null) {
      if (sensitiveName.test(name) && !harmlessName.test(name)) add(value);
      return;
    }
    if (signature in value) {
      const { value: marked, plaintext } = value as { value?: unknown; plaintext?: unknown };
      add(marked);
      add(typeof plaintext === "string" ? parsed(plaintext) : plaintext);
    }
    const owner = sensitiveName.test(name) && !harmlessName.test(name) && !Array.isArray(value) ? name : undefined;
    for (const [key, inner] of Object.entries(value)) visit(inner, Array.isArray(value) ? name : (owner ?? key));
  };
  for (const { oldState, newState } of digest.steps) {
    visit(oldState ?? {}, "");
    visit(newState ?? {}, "");
  }
  for (const [key, text] of Object.entries(digest.config ?? {})) visit(parsed(text), key.split(":").at(-1) ?? "");
  for (const [name, value] of Object.entries(environment)) if (sensitiveName.test(name)) add(value);
  return [...found].sort((a, b) => b.length - a.length);
}

/** A text without the given secrets, and without what has the form of one. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => {
    const inJson = JSON.stringify(secret).slice(1, -1);
    return rest.replaceAll(secret, redacted).replaceAll(inJson, redacted);
  }, text);
  return forms.reduce((rest, form) => rest.replace(form, redacted), known);
}

/** The same preview with its secrets replaced, wherever they stand. */
export function withoutSecrets(digest: Digest, secrets: readonly string[]): Digest {
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value, secrets);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key, secrets), clean(inner)]));
  };
  const { steps, diagnostics } = digest;
  return {
    ...digest,
    steps: steps.map((step) => clean(step) as Digest["steps"][number]),
    diagnostics: diagnostics.map((entry) => clean(entry) as Digest["diagnostics"][number]),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
