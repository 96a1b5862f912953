"""azure-storage-blob with a token: a container and its blobs, at the address that Resource Manager answers."""

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.mgmt.storage import StorageManagementClient
from azure.storage.blob import BlobServiceClient

from conftest import ACCOUNT, GROUP


@pytest.fixture(scope="module")
def endpoint(management) -> str:
    return StorageManagementClient(**management).storage_accounts.get_properties(GROUP, ACCOUNT).primary_endpoints.blob


def test_blobs(endpoint, credential):
    container = BlobServiceClient(endpoint, credential).get_container_client("images")
    container.upload_blob("folder/a.txt", b"hello", overwrite=True)
    assert container.download_blob("folder/a.txt").readall() == b"hello"
    assert [blob.name for blob in container.list_blobs(name_starts_with="folder/")] == ["folder/a.txt"]


def test_account_key_is_refused(endpoint):
    with pytest.raises(HttpResponseError) as refused:
        list(BlobServiceClient(endpoint, {"account_name": ACCOUNT, "account_key": "AAAA"}).list_containers())
    assert refused.value.error_code == "KeyBasedAuthenticationNotPermitted"


def test_nobody_is_refused(endpoint):
    with pytest.raises((ClientAuthenticationError, HttpResponseError)):
        list(BlobServiceClient(endpoint).list_containers())
