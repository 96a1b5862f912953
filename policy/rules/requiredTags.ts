import { valuesOf } from "../../lib/values";
import { rule, type Violation } from "../rule";
import { types } from "../types";

interface Settings {
  tags: string[];
  types: string[];
}

const names = { type: "array", items: { type: "string", minLength: 1 } } as const;

export const requiredTags = rule<Settings>({
  name: "required-tags",
  description: "What costs or keeps something says what it belongs to.",
  level: "mandatory",
  severity: "low",
  settings: {
    tags: { ...names, description: "Names of the tags.", default: ["application", "stack"] },
    types: {
      ...names,
      description: "Type tokens of the resources that have to have them.",
      default: [
        types.resourceGroup,
        types.storageAccount,
        types.vault,
        types.registry,
        types.logs,
        types.insights,
        types.workspace,
        types.compute,
        types.onlineEndpoint,
        types.cluster,
      ],
    },
  },
  check({ type, props }, { tags, types: tagged }): Violation[] {
    if (!tagged.includes(type)) return [];
    const given = valuesOf(props.tags);
    return tags.flatMap((name) => {
      const value = given[name];
      if (typeof value === "string" && value !== "") return [];
      return [
        {
          property: `tags.${name}`,
          value,
          allowed: "any text",
          next: `Set it with "pulumi config set --path tags.${name} VALUE".`,
        },
      ];
    });
  },
});
