import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UserError } from "../../lib/errors";

/** PEM texts and where they lie. */
export interface Certificates {
  caFile: string;
  certificateFile: string;
  keyFile: string;
  /** The certificate of localhost with that of the CA after it. */
  certificate: string;
  key: string;
}

export interface CertificateFiles {
  ca: string;
  caKey: string;
  leaf: string;
  leafKey: string;
}

const day = 24 * 60 * 60 * 1000;
/** A certificate that ends sooner than this is made anew at the start. */
const renewalDays = 30;

/**
 * The local CA and the certificate for localhost that it signed; both are made at the first start. The CA never leaves
 * the folder, and is trusted only by processes that are told so.
 * @throws UserError when files of the folder are damaged
 */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const files: CertificateFiles = {
    ca: file("ca.pem"),
    caKey: file("ca.key"),
    leaf: file("localhost.pem"),
    leafKey: file("localhost.key"),
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The certificate of localhost is written last, so a start that was cut off is begun again.
  if (!existsSync(files.leaf)) await (await maker()).createCertificates(files);
  try {
    if (endsSoon(await readCertificate(files.ca))) await (await maker()).createCertificates(files);
    else if (endsSoon(await readCertificate(files.leaf))) await (await maker()).renewLeaf(files);
    return await check(files);
  } catch (error) {
    const cause = messageOf(error);
    throw new UserError(
      `The local cloud's certificates in "${folder}" are damaged (${cause}). Delete that folder and start again: new ones are made, and no data is lost.`,
    );
  }
}

async function check(files: CertificateFiles): Promise<Certificates> {
  const [ca, leaf] = [await readCertificate(files.ca), await readCertificate(files.leaf)];
  const key = await readFile(files.leafKey, "utf8");
  if (!leaf.verify(ca.publicKey)) throw new Error("localhost.pem is not signed by ca.pem");
  if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error("localhost.key does not belong to localhost.pem");
  return {
    caFile: files.ca,
    certificateFile: files.leaf,
    keyFile: files.leafKey,
    certificate: `${leaf.toString()}${ca.toString()}`,
    key,
  };
}

async function readCertificate(file: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(file));
}

function endsSoon(certificate: X509Certificate): boolean {
  return Date.parse(certificate.validTo) - Date.now() < renewalDays * day;
}

/** The maker of certificates is loaded at the first start and once in years: it takes longer than all else of a start. */
async function maker(): Promise<typeof import("./certificates")> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./certificates") as typeof import("./certificates");
}
