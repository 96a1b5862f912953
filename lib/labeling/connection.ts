import { UserError } from "../errors";
import { EntraSignIn } from "./entraSignIn";
import { parseImageKeys, type ImageKeys } from "./signedPath";

/** How a Label Studio is reached; all of it but the addresses is secret. */
export interface LabelingConnection {
  /** Base address of Label Studio, without a trailing slash. */
  url: string;
  /** Access token of an administrator: a legacy token, or a personal access token. */
  token: string;
  /** What stands before it. */
  signIn?: EntraSignIn;
}

export interface ImageSigning {
  /** Base address of the image gateway, without a trailing slash. */
  url: string;
  keys: ImageKeys;
}

/** What lets one into the Label Studio that a stack runs itself; a secret in its state. */
export interface ServiceAccess {
  /** Of Label Studio's administrator. */
  token: string;
  /** By which the image gateway knows the addresses: `ID:KEY`. */
  imageKeys: string;
  /** Application of Entra ID that the sign-in in front of it is for. */
  clientId: string;
}

/** Where a Label Studio is; without `access` the environment has what lets one in. */
export interface StudioAddress {
  url: string;
  access?: ServiceAccess;
}

const locally = 'locally "npm run local:labeling" sets it up';

/**
 * Names that resolve nowhere (RFC 6761): those of containers that are a record and do not run. The environment has a
 * Label Studio that takes their place, or there is none.
 */
function isRecord(url: string): boolean {
  return /^https?:\/\/[^/]+\.invalid(:|\/|$)/.test(url);
}

function standIn(url: string, variable: string, environment: NodeJS.ProcessEnv): string {
  const found = environment[variable];
  if (found) return found;
  throw new UserError(
    `${url} is a record: this cloud runs no containers. Run "npm run local:labeling" (it sets ${variable} for the stacks of the ` +
      "local cloud), whose Label Studio takes its place, and run this again.",
  );
}

/** @throws UserError naming the variable that is missing or wrong */
export function labelingConnection(
  { url, access }: StudioAddress,
  environment: NodeJS.ProcessEnv = process.env,
): LabelingConnection {
  if (access && !isRecord(url)) {
    const address = httpUrl(url, "labeling.url");
    return { url: address, token: access.token, signIn: new EntraSignIn({ url: address, clientId: access.clientId }) };
  }
  const address = access ? standIn(url, "LABEL_STUDIO_URL", environment) : url;
  const token = environment.LABEL_STUDIO_API_KEY?.trim();
  if (!token) {
    throw new UserError(
      `LABEL_STUDIO_API_KEY is not set: the access token of an administrator of Label Studio at ${address} (Account & Settings there); ${locally}.`,
    );
  }
  return { url: httpUrl(address, "labeling.url"), token };
}

/** @throws UserError naming the variable that is missing or wrong */
export function imageSigning(
  { imagesUrl, access }: { imagesUrl: string; access?: ServiceAccess },
  environment: NodeJS.ProcessEnv = process.env,
): ImageSigning {
  if (access && !isRecord(imagesUrl))
    return { url: httpUrl(imagesUrl, "labeling.imagesUrl"), keys: parseImageKeys(access.imageKeys) };
  const url = access ? standIn(imagesUrl, "LABELING_IMAGES_URL", environment) : imagesUrl;
  const keys = environment.LABELING_IMAGES_KEYS;
  if (!keys) {
    throw new UserError(
      `LABELING_IMAGES_KEYS is not set: ID:KEY by which the image gateway at ${url} knows the addresses; ${locally}.`,
    );
  }
  return { url: httpUrl(url, "labeling.imagesUrl"), keys: parseImageKeys(keys) };
}

function httpUrl(text: string, property: string): string {
  if (!/^https?:\/\/[^/]+/.test(text))
    throw new UserError(
      `${property} is "${text}"; an http or https address is wanted, such as https://labels.example.com.`,
    );
  return text.replace(/\/+$/, "");
}
