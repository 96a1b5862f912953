import { createPrivateKey, X509Certificate } from "node:crypto";
import { messageOf } from "../errors";

/** A certificate with its chain, and its private key, each as PEM. */
export interface PemCertificate {
  certificate: string;
  key: string;
  /** When it ends. */
  validTo: Date;
}

/** Preview warns from then on. */
const warningDays = 30;
const dayMs = 86_400_000;

/** The certificate in a text with a certificate, its chain and a key, in any order; or what is wrong with it, one line each. */
export function readPemCertificate(text: string, host: string, now: Date): PemCertificate | { problems: string[] } {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? [];
  const certificates = blocks.filter((block) => block.startsWith("-----BEGIN CERTIFICATE-----"));
  const key = blocks.find((block) => /^-----BEGIN (RSA |EC |)PRIVATE KEY-----/.test(block));
  const [leafText] = certificates;
  if (!leafText || !key) {
    const missing = blocks.some((block) => block.startsWith("-----BEGIN ENCRYPTED"))
      ? "its private key is encrypted, which the router does not take"
      : `it has no ${leafText ? "private key" : "certificate"} as PEM`;
    return { problems: [missing] };
  }
  try {
    const leaf = new X509Certificate(leafText);
    const [from, to] = [new Date(leaf.validFrom), new Date(leaf.validTo)];
    const problems = [
      ...(leaf.checkPrivateKey(createPrivateKey(key)) ? [] : ["its private key is not that of the first certificate"]),
      ...(leaf.checkHost(host) === undefined
        ? [`it is not for ${host} but for ${leaf.subjectAltName ?? leaf.subject}`]
        : []),
      ...(to <= now ? [`it ended on ${day(to)}`] : from > now ? [`it begins on ${day(from)}`] : []),
    ];
    return problems.length > 0
      ? { problems }
      : { certificate: `${certificates.join("\n")}\n`, key: `${key}\n`, validTo: to };
  } catch (error) {
    return { problems: [`it cannot be read (${messageOf(error)})`] };
  }
}

/** What to say of a certificate that ends soon. */
export function endsSoon({ validTo }: PemCertificate, now: Date): string | undefined {
  const days = Math.floor((validTo.getTime() - now.getTime()) / dayMs);
  return days < warningDays ? `ends on ${day(validTo)}, in ${days} days` : undefined;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
