export { contentVersion, convertAnnotations, type ConvertReport, type ConvertSettings } from "./convert";
