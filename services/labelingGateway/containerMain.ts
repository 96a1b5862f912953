import { managedIdentityToken } from "./managedIdentity";
import { serve } from "./serve";

// In a container of Azure, where nothing is installed: this file and what it imports become one, see bundle.ts.
serve(() => managedIdentityToken(process.env));
