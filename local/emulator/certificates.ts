import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { randomBytes, webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";
import writeFileAtomic from "write-file-atomic";
import { host } from "./constants";
import type { CertificateFiles } from "./tls";

x509.cryptoProvider.set(webcrypto as never);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 60 * 60 * 1000;
const caDays = 3650;
/** The most that clients of Apple's systems accept. */
const leafDays = 825;

/** Makes a CA, and a certificate for localhost that it signs. */
export async function createCertificates(files: CertificateFiles): Promise<void> {
  const keys = await generateKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString("hex"),
    name: "CN=Local Azure CA",
    ...validity(caDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await write(files.caKey, await exportKey(keys.privateKey));
  await write(files.ca, ca.toString("pem"));
  await signLeaf(files, ca, keys.privateKey);
}

/** Makes a new certificate for localhost with the CA that is there, so that clients go on trusting it. */
export async function renewLeaf(files: CertificateFiles): Promise<void> {
  const ca = new x509.X509Certificate(await readFile(files.ca, "utf8"));
  const [der] = x509.PemConverter.decode(await readFile(files.caKey, "utf8"));
  if (!der) throw new Error("ca.key holds no key");
  await signLeaf(files, ca, await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]));
}

async function signLeaf(
  files: CertificateFiles,
  ca: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<void> {
  const keys = await generateKeys();
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString("hex"),
    subject: `CN=${host}`,
    issuer: ca.subject,
    ...validity(leafDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: host },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
    ],
  });
  await write(files.leafKey, await exportKey(keys.privateKey));
  await write(files.leaf, leaf.toString("pem"));
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + days * day) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function write(file: string, text: string): Promise<void> {
  return writeFileAtomic(file, text, { mode: 0o600 });
}
