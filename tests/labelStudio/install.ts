import { messageOf } from "../../lib/errors";
import { showError } from "../../lib/terminal";
import { ensureLabelStudio } from "../../local/labeling/install";

/** Before all of Jest: without Label Studio each file would fail by itself, after as many tries to install it. */
export default async function install(): Promise<void> {
  await ensureLabelStudio(process.env, (line) => console.log(line)).catch((error: unknown) => {
    // Jest prints a stack trace, which says nothing more.
    showError(messageOf(error));
    process.exit(1);
  });
}
