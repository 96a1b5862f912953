export { uploadFolder, type FolderUpload, type Progress, type UploadResult } from "./folder";
export { openTarget, type Target, type TargetArguments } from "./target";
export { explainFailure } from "./explain";
export { blobsBelow, remoteFingerprint } from "./remote";
export type { ListedBlob } from "./listing";
export { isFromZip, uploadZip, type ZipUpload } from "./zip";
