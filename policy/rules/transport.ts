import { valuesOf } from "../../lib/values";
import { rule, type Violation } from "../rule";
import { isAmong, production, stacksSetting } from "../stacks";
import { types } from "../types";

export const transport = rule<{ stacks: string[] }>({
  name: "minimum-tls",
  description: "Requests are encrypted, by TLS 1.2 at least.",
  level: "mandatory",
  severity: "high",
  types: [types.storageAccount, types.extension, types.containerApp, types.databaseConfiguration],
  settings: { stacks: stacksSetting([...production, "staging", "staging-*"]) },
  check({ type, props, stack }, settings): Violation[] {
    if (type === types.storageAccount) return ofStorage(props.minimumTlsVersion, props.enableHttpsTrafficOnly);
    if (type === types.databaseConfiguration) return ofDatabase(props.configurationName, props.value);
    if (!isAmong(stack, settings)) return [];
    if (type === types.containerApp) {
      const { allowInsecure } = valuesOf(valuesOf(props.configuration).ingress);
      if (allowInsecure !== true) return [];
      return [
        { property: "configuration.ingress.allowInsecure", value: true, allowed: "false", next: "Leave it out." },
      ];
    }
    const { allowInsecureConnections: value } = valuesOf(props.configurationSettings);
    if (String(value).toLowerCase() !== "true") return [];
    const property = "configurationSettings.allowInsecureConnections";
    return [
      { property, value, allowed: '"False"', next: "Set serving.tls in place of serving.allowInsecureConnections." },
    ];
  },
});

/** Values of the server's settings that let requests in without encryption, or with an old one. */
function ofDatabase(name: unknown, value: unknown): Violation[] {
  const isOpen = name === "require_secure_transport" && String(value).toLowerCase() !== "on";
  const isOld = name === "ssl_min_protocol_version" && !/^TLSv1\.[23]$/.test(String(value));
  if (!isOpen && !isOld) return [];
  const allowed = isOpen ? '"on"' : '"TLSv1.2" or "TLSv1.3"';
  return [{ property: "value", value, allowed, next: `Set ${String(name)} to it, or leave the setting out.` }];
}

function ofStorage(version: unknown, httpsOnly: unknown): Violation[] {
  const found: Violation[] = [];
  if (version !== "TLS1_2" && version !== "TLS1_3")
    found.push({ property: "minimumTlsVersion", value: version, allowed: '"TLS1_2" or "TLS1_3"', next: "Set it." });
  if (httpsOnly === false)
    found.push({ property: "enableHttpsTrafficOnly", value: false, allowed: "true", next: "Leave it out, or set it." });
  return found;
}
