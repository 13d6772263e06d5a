/** A Dashboard with nothing but the uploader. */
import type { UploadedAsset } from "@gridboss/assets";
import GridBossUploader from "@gridboss/assets/uppy";
import { type Meta, Uppy } from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import "@uppy/core/css/style.min.css";
import "@uppy/dashboard/css/style.min.css";
import { assetsOfAddress } from "./options.js";

/** Uppy would write every error to the console, and the tests see that nobody else does. */
const logger = { debug() {}, warn() {}, error() {} };

window.uppy = new Uppy<Meta, UploadedAsset>({ logger })
  .use(Dashboard, { inline: true, target: "#uppy" })
  .use(GridBossUploader, { assets: assetsOfAddress(), kind: "avatar" });

declare global {
  interface Window {
    uppy: Uppy<Meta, UploadedAsset>;
  }
}
