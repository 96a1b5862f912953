import { UserError } from "../errors";
import { parseImageKeys, type ImageKeys } from "./signedPath";

/** What the environment says of Label Studio and the gateway; all of it but the addresses is secret. */
export interface LabelingConnection {
  /** Base address of Label Studio, without a trailing slash. */
  url: string;
  /** Access token of an administrator: a legacy token, or a personal access token. */
  token: string;
}

export interface ImageSigning {
  /** Base address of the image gateway, without a trailing slash. */
  url: string;
  keys: ImageKeys;
}

const locally = 'locally "npm run local:labeling" sets it up';

/** @throws UserError naming the variable that is missing or wrong */
export function labelingConnection(url: string, environment: NodeJS.ProcessEnv = process.env): LabelingConnection {
  const token = environment.LABEL_STUDIO_API_KEY?.trim();
  if (!token) {
    throw new UserError(
      `LABEL_STUDIO_API_KEY is not set: the access token of an administrator of Label Studio at ${url} (Account & Settings there); ${locally}.`,
    );
  }
  return { url: httpUrl(url, "labeling.url"), token };
}

/** @throws UserError naming the variable that is missing or wrong */
export function imageSigning(url: string, environment: NodeJS.ProcessEnv = process.env): ImageSigning {
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
