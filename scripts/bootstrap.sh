#!/usr/bin/env bash
# Makes what a pipeline stands on, once a subscription: the container of the state, the key of its secrets, and for each
# environment an identity that GitHub signs in as by OpenID Connect, without a secret. Can be run again at any time: what is
# there stays as it is. Needs the Azure CLI, signed in as an Owner of the subscription; asks nothing.
set -euo pipefail

usage() {
  cat <<'USAGE'
scripts/bootstrap.sh --repository OWNER/NAME --suffix SUFFIX [--location eastus2] [--stacks "dev staging prod"] [--dry-run]

--repository   repository on GitHub whose workflows sign in
--suffix       3 to 8 characters of [a-z0-9] that make names unique over all of Azure
--location     region of state and key
--stacks       the environments; each deploys as an identity of its own
--dry-run      prints the commands and runs none
USAGE
}

repository="" suffix="" location=eastus2 stacks="dev staging prod" dry=""
while [ $# -gt 0 ]; do
  case "$1" in
    --repository) repository=${2:?--repository needs OWNER/NAME}; shift 2 ;;
    --suffix) suffix=${2:?--suffix needs a value}; shift 2 ;;
    --location) location=${2:?--location needs a region}; shift 2 ;;
    --stacks) stacks=${2:?--stacks needs names}; shift 2 ;;
    --dry-run) dry=yes; shift ;;
    --help) usage; exit 0 ;;
    *) echo "$1 is no option." >&2; usage >&2; exit 2 ;;
  esac
done
[[ $repository =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] || { echo "--repository is \"$repository\"; it takes OWNER/NAME." >&2; exit 2; }
[[ $suffix =~ ^[a-z0-9]{3,8}$ ]] || { echo "--suffix is \"$suffix\"; it takes 3 to 8 characters of [a-z0-9]." >&2; exit 2; }

# The roles that the program assigns (components/roles.ts): an identity that deploys can give these away, and no others.
roles=acdd72a7-3385-48ef-bd42-f606fba81ae7,2a2b9908-6ea1-4ae2-8e65-a410df84e7d1,ba92f5b4-2d11-453d-a403-e96b0029c9fe
roles+=,4633458b-17de-408a-b874-0445c86b69e6,b86a8fe4-44ce-4948-aee5-eccb2c155cd7,e147488a-f6f5-4113-8e2d-b22465e65bf6,7f951dda-4ed3-4680-a7ca-43fe172d538d
roles+=,8311e382-0749-4cb8-b61a-304f252e45ec,b556d68e-0be0-4f35-a333-ad7ee1ce17ea,b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b
assignments=Microsoft.Authorization/roleAssignments
these="RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${roles//,/, }}"
only="((!(ActionMatches{'$assignments/write'})) OR (@Request[$assignments:$these)) AND "
only+="((!(ActionMatches{'$assignments/delete'})) OR (@Resource[$assignments:$these))"

group=rg-pulumi-state account="stpulumistate$suffix" vault="kv-pulumi-$suffix" key=pulumi

run() {
  if [ -n "$dry" ]; then printf 'az'; printf ' %q' "$@"; printf '\n'; else az "$@" --output none; fi
}
ask() {
  if [ -n "$dry" ]; then echo "${dry_answer:-ID}"; else az "$@" --output tsv; fi
}

subscription=$(dry_answer=SUBSCRIPTION ask account show --query id)
tenant=$(dry_answer=TENANT ask account show --query tenantId)
me=$(dry_answer=ME ask ad signed-in-user show --query id)

for namespace in MachineLearningServices Storage KeyVault Insights OperationalInsights OperationsManagement ContainerRegistry App DBforPostgreSQL \
  ContainerService KubernetesConfiguration Compute Network ManagedIdentity Consumption; do
  run provider register --namespace "Microsoft.$namespace"
done

run group create --name $group --location "$location"
run storage account create --name "$account" --resource-group $group --location "$location" --sku Standard_ZRS \
  --allow-blob-public-access false --allow-shared-key-access false --min-tls-version TLS1_2
run storage account blob-service-properties update --account-name "$account" --resource-group $group --enable-versioning true \
  --enable-delete-retention true --delete-retention-days 30
scope="/subscriptions/$subscription/resourceGroups/$group"
run storage container-rm create --name state --storage-account "$account" --resource-group $group
run keyvault create --name "$vault" --resource-group $group --location "$location" --enable-rbac-authorization true \
  --enable-purge-protection true
# The first key waits for the role that lets it be made.
run role assignment create --role "Key Vault Crypto Officer" --assignee-object-id "$me" --assignee-principal-type User --scope "$scope"
if [ -z "$dry" ] && ! az keyvault key show --vault-name "$vault" --name $key --output none 2>/dev/null; then
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    az keyvault key create --vault-name "$vault" --name $key --kty RSA --size 3072 --output none && break
    [ "$attempt" = 10 ] && { echo "The key could not be made; run this again in a few minutes." >&2; exit 1; }
    sleep 30
  done
elif [ -n "$dry" ]; then
  run keyvault key create --vault-name "$vault" --name $key --kty RSA --size 3072
fi
run role assignment create --role "Storage Blob Data Contributor" --assignee-object-id "$me" --assignee-principal-type User --scope "$scope"

# identity NAME SUBJECT: made when it is not there, and trusted by the one subject of the repository
identity() {
  run identity create --name "$1" --resource-group $group --location "$location"
  run identity federated-credential create --name github --identity-name "$1" --resource-group $group \
    --issuer https://token.actions.githubusercontent.com --audiences api://AzureADTokenExchange --subject "repo:$repository:$2"
}
# assign NAME ROLE SCOPE [MORE ARGUMENTS]
assign() {
  local principal
  principal=$(dry_answer="PRINCIPAL-OF-$1" ask identity show --name "$1" --resource-group $group --query principalId)
  run role assignment create --role "$2" --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \
    --scope "$3" "${@:4}"
}

everything="/subscriptions/$subscription"
identity id-pulumi-reader pull_request
run identity federated-credential create --name github-main --identity-name id-pulumi-reader --resource-group $group \
  --issuer https://token.actions.githubusercontent.com --audiences api://AzureADTokenExchange --subject "repo:$repository:ref:refs/heads/main"
assign id-pulumi-reader Reader "$everything"
assign id-pulumi-reader "Storage Blob Data Reader" "$scope"
assign id-pulumi-reader "Key Vault Crypto User" "$scope"
for stack in $stacks; do
  identity "id-pulumi-$stack" "environment:$stack"
  assign "id-pulumi-$stack" Contributor "$everything"
  assign "id-pulumi-$stack" "Role Based Access Control Administrator" "$everything" \
    --condition-version 2.0 --condition "$only"
  assign "id-pulumi-$stack" "Storage Blob Data Contributor" "$scope"
  assign "id-pulumi-$stack" "Key Vault Crypto User" "$scope"
done

client() { dry_answer="CLIENT-OF-$1" ask identity show --name "$1" --resource-group $group --query clientId; }
cat <<NEXT

Variables of the repository ($repository, Settings > Secrets and variables > Actions > Variables):
  AZURE_TENANT_ID         $tenant
  AZURE_SUBSCRIPTION_ID   $subscription
  AZURE_READER_CLIENT_ID  $(client id-pulumi-reader)
  PULUMI_BACKEND_URL      azblob://state?storage_account=$account

Environments, each with the variable AZURE_CLIENT_ID; "prod" with required reviewers:
NEXT
for stack in $stacks; do printf '  %-23s %s\n' "$stack" "$(client "id-pulumi-$stack")"; done
cat <<NEXT

Once a stack, at a terminal:
  pulumi login 'azblob://state?storage_account=$account'
NEXT
for stack in $stacks; do
  echo "  pulumi stack init $stack --secrets-provider azurekeyvault://$vault.vault.azure.net/keys/$key"
done
