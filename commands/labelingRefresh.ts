import { UserError } from "../lib/errors";
import { assist } from "../lib/labeling/assist/assist";
import { countWaiting, modelVersionOf } from "../lib/labeling/assist/preLabel";
import { imageSigning } from "../lib/labeling/connection";
import { readProgress } from "../lib/labeling/progress";
import { asOneWriter, refreshTasks } from "../lib/labeling/refresh";
import { progressLines } from "../providers/progress";
import { openStackProject, type StackProject } from "./labeling/stackProject";
import { parseCommandLine } from "./options";
import { inCloudOf } from "./pulumi";
import { runCommand } from "./runCommand";

const help = `Makes tasks of the images that came since the last time, for a schedule, and lets the endpoint pre-label them once
people have labeled enough. It changes no resource of the stack, and can be run at any time and by several at once.

  npm run labeling:refresh -- --stack S

--stack S   the stack; "local" is the one of the local cloud

LABEL_STUDIO_API_KEY is the token of an administrator of Label Studio, LABELING_IMAGES_KEYS the keys of the image gateway; for the
stack "local" they are known.`;

const options = { stack: { type: "string" }, help: { type: "boolean", default: false } } as const;

async function main(): Promise<void> {
  const { stack, help: wantsHelp } = parseCommandLine({ options }).values;
  if (wantsHelp) return console.log(help);
  if (!stack) throw new UserError(`--stack is not given; name the stack.\n\n${help}`);
  await inCloudOf(stack, async () => {
    const opened = await openStackProject(stack);
    const { client, projectId, mark, place, project } = opened;
    const signing = imageSigning(project);
    await asOneWriter(place.container, { mark, title: project.title }, (lock) =>
      refreshTasks({ ...{ client, projectId, signing, place, lock }, print: console.log, reporter: progressLines }),
    );
    await suggest(opened);
    const { total, labeled, skipped, left, preLabeled } = await readProgress(client, projectId);
    console.log(
      `Progress: ${labeled} of ${total} labeled, ${skipped} skipped, ${left} left; ${preLabeled} pre-labeled`,
    );
  });
}

async function suggest({ arm, client, projectId, mark, place, assist: wanted }: StackProject): Promise<void> {
  if (!wanted) return;
  const { labeled } = await readProgress(client, projectId);
  if (labeled < wanted.minLabeled) return;
  const version = modelVersionOf(wanted.model, wanted.modelVersion, wanted.confidence);
  if ((await countWaiting(client, projectId, version)) === 0) return;
  await assist({
    ...wanted,
    ...place,
    ...{ arm, client, projectId, mark, version },
    print: console.log,
    reporter: progressLines,
  });
}

runCommand(main);
