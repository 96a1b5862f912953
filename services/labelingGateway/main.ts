import { storageScope } from "../../lib/azure/cloud";
import { azureCredential } from "../../lib/azure/credential";
import { serve } from "./serve";

// Where this project is installed: by whatever identity the machine has.
serve(async () => {
  const found = await azureCredential().getToken(storageScope);
  return { value: found?.token ?? "", endsAt: found?.expiresOnTimestamp ?? 0 };
});
