/** `createAssets` with the options that a test wrote into the page's address. */
import { type Assets, createAssets } from "@gridboss/assets";

export interface HarnessOptions {
  baseUrl: string;
  tries?: number;
  maxWait?: number;
  token?: string;
}

export function assetsOfAddress(): Assets {
  const query = new URLSearchParams(location.search);
  const { token, ...options }: HarnessOptions = JSON.parse(query.get("options") ?? "{}");
  return createAssets({ ...options, ...(token && { getToken: () => token }) });
}
