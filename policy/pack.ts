import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import { checkRule, sentence, type Rule } from "./rule";
import { rules } from "./rules";

/** The rule in the form that the engine's policies have. */
function policyOf(rule: Rule): ResourceValidationPolicy {
  const { name, description, level, severity, settings = {} } = rule;
  return {
    name,
    description,
    enforcementLevel: level,
    severity,
    configSchema: { properties: settings },
    validateResource(args, report) {
      const { type, name: resourceName, urn, props, opts } = args;
      // What is not there yet and an up with --target leaves out comes without inputs; each type here is declared with some.
      if (Object.keys(props).length === 0) return;
      const [, , stack = ""] = urn.split(":");
      const resource = { type, name: resourceName, stack, props, isProtected: opts.protect };
      for (const violation of checkRule(rule, resource, args.getConfig<object>())) report(sentence(violation));
    },
  };
}

new PolicyPack("object-detection", { policies: rules.map(policyOf) });
