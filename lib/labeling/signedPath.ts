import { createHmac, timingSafeEqual } from "node:crypto";
import { UserError } from "../errors";

/** A blob, as an address of the image gateway names it. */
export interface ImagePlace {
  account: string;
  container: string;
  /** Name of the blob. */
  path: string;
}

/** Keys by which addresses are signed: the first one signs, all of them verify, so that a key can be rotated. */
export type ImageKeys = readonly { id: string; key: Buffer }[];

const leastKeyBytes = 16;
const root = "/images/";

/**
 * Reads `ID:KEY`, several of them separated by commas; the key is base64url.
 * @throws UserError without showing any key
 */
export function parseImageKeys(text: string): ImageKeys {
  const keys = text.split(",").map((entry) => {
    const [id = "", key = "", ...rest] = entry.trim().split(":");
    return { id, key: Buffer.from(key, "base64url"), isWhole: /^[\w-]{1,32}$/.test(id) && rest.length === 0 };
  });
  if (!keys.every(({ key, isWhole }) => isWhole && key.length >= leastKeyBytes)) {
    throw new UserError(
      `LABELING_IMAGES_KEYS cannot be read: wanted is ID:KEY, or several separated by commas of which the first one signs, ` +
        `with a KEY of at least ${leastKeyBytes} bytes in base64url. Make one: openssl rand 32 | basenc --base64url`,
    );
  }
  return keys.map(({ id, key }) => ({ id, key }));
}

/**
 * Path and query of a blob's address at the gateway.
 * @param expires seconds since 1970 from which on it is refused
 */
export function signImagePath(place: ImagePlace, expires: number, [signing]: ImageKeys): string {
  if (!signing) throw new TypeError("there is no key to sign with");
  const path = [place.account, place.container, ...place.path.split("/")].map(encodeURIComponent).join("/");
  return `${root}${path}?exp=${expires}&kid=${signing.id}&sig=${signature(place, expires, signing.key)}`;
}

/** Why an address is refused. */
export type ImageRefusal = "no address of an image" | "not signed" | "unknown key" | "wrong signature" | "expired";

/**
 * The blob that a signed address means.
 * @param url path and query of a request
 * @param now milliseconds since 1970
 */
export function verifyImagePath(url: string, keys: ImageKeys, now: number): ImagePlace | ImageRefusal {
  const [path = "", query = ""] = url.split("?", 2);
  const place = placeOf(path);
  if (!place) return "no address of an image";
  const parameters = new URLSearchParams(query);
  const [exp, kid, sig] = ["exp", "kid", "sig"].map((name) => parameters.get(name) ?? "");
  if (!/^\d{1,12}$/.test(exp ?? "") || !kid || !sig) return "not signed";
  const key = keys.find(({ id }) => id === kid)?.key;
  if (!key) return "unknown key";
  const [given, wanted] = [Buffer.from(sig), Buffer.from(signature(place, Number(exp), key))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return "wrong signature";
  return Number(exp) * 1000 > now ? place : "expired";
}

/** When an address ends and by which key it is signed; undefined for an address of another kind. */
export function describeSigned(url: string): { expires: number; keyId: string } | undefined {
  const { searchParams } = new URL(url, "http://gateway");
  const [expires, keyId] = [Number(searchParams.get("exp")), searchParams.get("kid")];
  return expires > 0 && keyId ? { expires, keyId } : undefined;
}

function signature({ account, container, path }: ImagePlace, expires: number, key: Buffer): string {
  return createHmac("sha256", key).update(`v1\n${account}\n${container}\n${path}\n${expires}`).digest("base64url");
}

/** Undefined for what is no plain path: a step upwards, an empty segment, an encoded slash or control character. */
function placeOf(path: string): ImagePlace | undefined {
  if (!path.startsWith(root)) return undefined;
  let segments: string[];
  try {
    segments = path.slice(root.length).split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const [account, container, ...blob] = segments;
  if (!account || !container || blob.length === 0) return undefined;
  if (segments.some((segment) => /^\.{0,2}$|[/\\\u0000-\u001f]/.test(segment))) return undefined;
  return { account, container, path: blob.join("/") };
}
