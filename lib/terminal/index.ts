export { hasColour, painted, showError, showFailure, showWarning, step, type Output } from "./look";
export { barText, progress, type Progress } from "./progress";
