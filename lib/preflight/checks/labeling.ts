import { labelingRetiredOn } from "../../labeling/config";
import type { Finding } from "../finding";
import type { Plan } from "../plan";

/** Azure ML's own labeling service, which is no more. */
export async function checkLabeling({ config }: Plan): Promise<Finding[]> {
  if (config.labeling.service !== "azureml") return [];
  return [
    {
      severity: "warning",
      what: `labeling.service is "azureml", a service that Azure retired on ${labelingRetiredOn}`,
      evidence: "https://azure.microsoft.com/updates/?id=501692",
      next: 'Set labeling.service to "labelStudio" (docs/labeling.md), or to "none" to leave labeling out.',
    },
  ];
}
