import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../lib/errors";

x509.cryptoProvider.set(webcrypto as never);

/** PEM texts and where the CA's certificate lies. */
export interface Certificates {
  caFile: string;
  key: string;
  certificate: string;
  keyFile: string;
  certificateFile: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 60 * 60 * 1000;
const caDays = 3650;
const leafDays = 825;
/** A certificate that ends sooner than this is made anew at the start. */
const renewalDays = 30;

/**
 * The local CA and the certificate for localhost that it signed; both are made at the first start. The CA never leaves
 * the folder, and is trusted only by processes that are told so.
 * @throws UserError when files of the folder are damaged
 */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const files = {
    ca: file("ca.pem"),
    caKey: file("ca.key"),
    leaf: file("localhost.pem"),
    leafKey: file("localhost.key"),
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!Object.values(files).every((path) => existsSync(path))) await create(files);
  try {
    const ca = new x509.X509Certificate(await readFile(files.ca, "utf8"));
    const leaf = new x509.X509Certificate(await readFile(files.leaf, "utf8"));
    createPrivateKey(await readFile(files.leafKey, "utf8"));
    if (!(await leaf.verify({ publicKey: await ca.publicKey.export(), signatureOnly: true })))
      throw new Error("localhost.pem is not signed by ca.pem");
    if (leaf.notAfter.getTime() - Date.now() < renewalDays * day) await create(files);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The local cloud's certificates in "${folder}" are damaged (${cause}). Delete that folder and start again: new ones are made, and no data is lost.`,
    );
  }
  return {
    caFile: files.ca,
    keyFile: files.leafKey,
    certificateFile: files.leaf,
    key: await readFile(files.leafKey, "utf8"),
    certificate: `${await readFile(files.leaf, "utf8")}\n${await readFile(files.ca, "utf8")}`,
  };
}

async function create(files: { ca: string; caKey: string; leaf: string; leafKey: string }): Promise<void> {
  const [caKeys, leafKeys] = [await generateKeys(), await generateKeys()];
  const validity = (days: number) => ({
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + days * day),
  });
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString("hex"),
    name: "CN=Local Azure CA",
    ...validity(caDays),
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString("hex"),
    subject: "CN=localhost",
    issuer: ca.subject,
    ...validity(leafDays),
    signingAlgorithm: algorithm,
    publicKey: leafKeys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  await writeFile(files.ca, ca.toString("pem"), { mode: 0o600 });
  await writeFile(files.leaf, leaf.toString("pem"), { mode: 0o600 });
  await writeFile(files.caKey, await exportKey(caKeys.privateKey), { mode: 0o600 });
  await writeFile(files.leafKey, await exportKey(leafKeys.privateKey), { mode: 0o600 });
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
