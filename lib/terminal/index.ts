export { hasColour, painted, showError, showWarning, step, type Output } from "./look";
export { barText, progress, type Progress } from "./progress";
