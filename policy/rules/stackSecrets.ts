import { join } from "node:path";
import { secretsProviderOf } from "../../lib/secretsProvider";
import { rule, type Violation } from "../rule";
import { isAmong, production, stacksSetting } from "../stacks";
import { types } from "../types";

/** The pack lies in the folder of the program. */
const program = join(__dirname, "..", "..");

export const stackSecrets = rule<{ stacks: string[] }>({
  name: "stack-secrets",
  description: "Secrets of production's state are encrypted by a key that is managed, not by a passphrase.",
  level: "advisory",
  severity: "medium",
  types: [types.stack],
  settings: { stacks: stacksSetting(production) },
  check({ stack }, settings): Violation[] {
    if (!isAmong(stack, settings)) return [];
    const value = secretsProviderOf(program, stack);
    if (value !== "passphrase") return [];
    const next = `Run "pulumi stack change-secrets-provider --stack ${stack} azurekeyvault://VAULT.vault.azure.net/keys/KEY".`;
    return [{ property: "secretsprovider", value, allowed: "a key service, such as azurekeyvault://", next }];
  },
});
