"""azure-mgmt-*: makes what Azure Machine Learning needs, on an empty cloud."""

import base64
import json
import os
import uuid

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from conftest import ACCOUNT, GROUP, LOCATION, WORKSPACE, resource_id

BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"


def test_resource_group(management):
    groups = ResourceManagementClient(**management).resource_groups
    made = groups.create_or_update(GROUP, {"location": LOCATION, "tags": {"purpose": "clients"}})
    assert made.properties.provisioning_state == "Succeeded"
    assert groups.check_existence(GROUP)
    assert [group.name for group in groups.list()] == [GROUP]
    with pytest.raises(ResourceNotFoundError) as missing:
        groups.get("nothing")
    assert missing.value.error.code == "ResourceGroupNotFound"


def test_storage_account(management):
    storage = StorageManagementClient(**management)
    account = storage.storage_accounts.begin_create(
        GROUP,
        ACCOUNT,
        {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"allowSharedKeyAccess": False}},
    ).result()
    assert account.primary_endpoints.blob.endswith(f"/{ACCOUNT}/")
    storage.blob_containers.create(GROUP, ACCOUNT, "images", {})
    assert "images" in [container.name for container in storage.blob_containers.list(GROUP, ACCOUNT)]
    with pytest.raises(HttpResponseError) as refused:
        storage.storage_accounts.list_keys(GROUP, ACCOUNT)
    assert refused.value.error.code == "KeyBasedAuthenticationNotPermitted"


def test_generic_resource(management, subscription):
    resources = ResourceManagementClient(**management).resources
    vault = resource_id(subscription, f"Microsoft.KeyVault/vaults/{WORKSPACE}-kv")
    properties = {"tenantId": str(uuid.UUID(int=1)), "sku": {"family": "A", "name": "standard"}}
    made = resources.begin_create_or_update_by_id(
        vault, {"location": LOCATION, "properties": properties}, api_version="2024-11-01"
    ).result()
    assert made.properties["vaultUri"].startswith("https://")


def test_workspace_and_cluster(management, subscription):
    client = MachineLearningServicesMgmtClient(**management)
    workspace = client.workspaces.begin_create_or_update(
        GROUP,
        WORKSPACE,
        {
            "location": LOCATION,
            "identity": {"type": "SystemAssigned"},
            "storage_account": resource_id(subscription, f"Microsoft.Storage/storageAccounts/{ACCOUNT}"),
            "key_vault": resource_id(subscription, f"Microsoft.KeyVault/vaults/{WORKSPACE}-kv"),
        },
    ).result()
    assert workspace.provisioning_state == "Succeeded"
    assert workspace.identity.principal_id


def test_role_assignments(management, subscription, credential):
    """Owning the subscription is no right on blobs: who runs the tests needs a role, as the workspace does."""
    workspace = MachineLearningServicesMgmtClient(**management).workspaces.get(GROUP, WORKSPACE)
    scope = resource_id(subscription, f"Microsoft.Storage/storageAccounts/{ACCOUNT}")
    assignments = AuthorizationManagementClient(**management).role_assignments
    for principal in (workspace.identity.principal_id, signed_in_object_id(credential)):
        made = assignments.create(
            scope,
            str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}/{principal}")),
            {
                "role_definition_id": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{BLOB_CONTRIBUTOR}",
                "principal_id": principal,
                "principal_type": "ServicePrincipal",
            },
        )
        assert made.id in [assignment.id for assignment in assignments.list_for_scope(scope)]


def signed_in_object_id(credential) -> str:
    claims = credential.get_token(f"{os.environ['ARM_ENDPOINT']}/.default").token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"]
