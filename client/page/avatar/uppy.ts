/** Uppy for one picture: chosen, dropped, pasted or taken, cropped to a square, made to fit, sent. */
import { type Assets, AssetsError, type Kind, type UploadedAsset } from "@gridboss/assets";
import { GridBossUploader } from "@gridboss/assets/uppy";
import Uppy, { type Meta } from "@uppy/core";
import Dashboard from "@uppy/dashboard";
import ImageEditor from "@uppy/image-editor";
import Webcam from "@uppy/webcam";
import "@uppy/core/css/style.min.css";
import "@uppy/dashboard/css/style.min.css";
import "@uppy/image-editor/css/style.min.css";
import "@uppy/webcam/css/style.min.css";
import { formats } from "../format.js";
import { makeFit, SIDE } from "./fit.js";

export type PictureUppy = Uppy<Meta, UploadedAsset>;

interface Options {
  assets: Assets;
  kind: Kind;
  target: HTMLElement;
  note: string;
  onUploaded: (asset: UploadedAsset, name: string, sent: Blob) => void;
  /** What there is to say about the file, and `undefined` when it no longer holds. */
  onMessage: (text: string | undefined) => void;
}

export function createUppy({ assets, kind, target, note, onUploaded, onMessage }: Options) {
  const uppy: PictureUppy = new Uppy<Meta, UploadedAsset>({
    restrictions: { maxNumberOfFiles: 1 },
    onBeforeFileAdded: (file, files) => replace(uppy, file.id, files),
  });
  const refusal = `This is no picture of a kind that fits: ${formats(kind)}.`;
  uppy.setOptions({ locale: { strings: { youCanOnlyUploadFileTypes: refusal } } });
  uppy
    .use(Dashboard, {
      target,
      inline: true,
      width: "100%",
      height: "", // the style sheet's, which depends on what is shown
      theme: "auto",
      note,
      autoOpen: "imageEditor",
      disableInformer: true, // its messages vanish after five seconds; ours stay
      proudlyDisplayPoweredByUppy: false, // the licences of this page name it
      locale: {
        strings: {
          dashboardTitle: "Choose, crop and upload a picture",
          dropPasteImportFiles: "Drop a photograph here, %{browseFiles} or take it from:",
          dropHint: "Drop the photograph here",
          browseFiles: "choose one",
          xFilesSelected: { 0: "Ready to upload", 1: "Ready to upload" },
          uploadXFiles: { 0: "Upload this picture", 1: "Upload these pictures" },
        },
      },
    })
    .use(Webcam, {
      target: Dashboard,
      modes: ["picture"],
      preferredImageMimeType: "image/jpeg",
      onBeforeSnapshot: () => firstFrame(target),
    })
    .use(ImageEditor, {
      quality: 0.9,
      actions: { cropSquare: false, cropWidescreen: false, cropWidescreenVertical: false },
      cropperOptions: {
        viewMode: 1, // the crop box stays inside of the picture
        aspectRatio: 1,
        initialAspectRatio: 1,
        // Browsers turn photographs upright themselves; Cropper would fetch them to do it again.
        checkOrientation: false,
        croppedCanvasOptions: {
          // Never larger than was cropped, and asked for when it is saved. The maxima below are of
          // the whole picture: the largest canvas that every browser has.
          get width() {
            return cropped(uppy);
          },
          get height() {
            return cropped(uppy);
          },
          maxWidth: 4096,
          maxHeight: 4096,
          imageSmoothingEnabled: true,
          imageSmoothingQuality: "high",
        },
      },
    })
    .use(GridBossUploader, { assets, kind: kind.name, restrictions: "types" });
  saveOnlyWhatIsSeen(uppy);
  uppy.addPreProcessor((ids) => makeFit(uppy, ids, kind.maxSize));

  uppy.on("info-visible", () => {
    const said = uppy.getState().info.at(-1);
    if (said === undefined) return;
    // What is no trouble ("Connected to the Internet") ends the trouble before it.
    onMessage(said.type === "success" ? undefined : String(said.details || said.message));
  });
  for (const event of ["file-added", "file-removed", "upload", "upload-success"] as const) {
    uppy.on(event, () => onMessage(undefined));
  }
  uppy.on("upload-error", (_file, error) => {
    const again = error instanceof AssetsError && error.retryable;
    uppy.getPlugin("Dashboard")?.setOptions({ hideRetryButton: !again });
  });
  uppy.on("upload-success", (file, { body }) => {
    if (file?.data instanceof Blob && body) onUploaded(body, file.name, file.data);
  });
  uppy.on("complete", ({ successful = [], failed = [] }) => {
    if (successful.length > 0 && failed.length === 0) uppy.cancelAll(); // ready for the next one
  });
  return uppy;
}

/** Nothing can be cropped out of a picture that the browser can't show: the service says why. */
function saveOnlyWhatIsSeen(uppy: PictureUppy): void {
  const editor = uppy.getPlugin("ImageEditor");
  if (!editor) return;
  const { save } = editor;
  editor.save = () => {
    if (editor.getPluginState().cropperReady) save();
  };
}

/** The side of the square that the editor writes, in pixels. */
function cropped(uppy: PictureUppy): number {
  const side = uppy.getPlugin("ImageEditor")?.cropper?.getData().width ?? SIDE;
  return Math.min(SIDE, Math.round(side));
}

/** A new picture takes the place of the one before, unless that is on its way. */
function replace(uppy: PictureUppy, id: string, files: { [id: string]: unknown }): boolean {
  const others = uppy.getFiles();
  if (others.some(({ progress, error }) => progress.uploadStarted && !error)) {
    uppy.info("Wait until this picture is uploaded, or cancel it.", "warning");
    return false;
  }
  // Not removeFiles(): of a file whose thumbnail is due twice, as after the editor, it takes one out
  // of the queue, and the other stops the queue for good.
  if (others.length > 0) uppy.cancelAll();
  for (const known of Object.keys(files)) if (known !== id) delete files[known];
  return true;
}

/** Before the camera has given a frame, Uppy would take a picture of nothing. */
async function firstFrame(target: HTMLElement): Promise<void> {
  const video = target.querySelector("video");
  if (video === null || video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
  await new Promise((seen) => video.addEventListener("loadeddata", seen, { once: true }));
}
