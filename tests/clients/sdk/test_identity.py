"""azure-identity: managed identities, client secrets and workload identity, at the local directory."""

import os
import shlex
import subprocess

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    ClientSecretCredential,
    CredentialUnavailableError,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.mgmt.resource.resources import ResourceManagementClient

from conftest import GROUP, LOCATION, PROJECT, resource_id

SUBJECT = "system:serviceaccount:default:trainer"


def identity_command(*args: str) -> dict[str, str]:
    """Runs local:identity; answers the variables that it exports."""
    printed = subprocess.run(
        ["npm", "run", "-s", "local:identity", "--", *args], cwd=PROJECT, check=True, capture_output=True, text=True
    ).stdout
    return dict(word.split("=", 1) for word in shlex.split(printed) if "=" in word)


@pytest.fixture(scope="module")
def registration() -> dict[str, str]:
    return identity_command("create", "reader", "--role", "Reader")


@pytest.fixture
def signed_in(registration, monkeypatch):
    """The shell after the lines of local:identity, where the managed identity is not to be found."""
    for name, value in registration.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("IDENTITY_ENDPOINT")
    return registration


def groups(management, credential) -> list[str]:
    client = ResourceManagementClient(**{**management, "credential": credential})
    return [group.name for group in client.resource_groups.list()]


def test_default_credential_with_a_secret(signed_in, management):
    assert GROUP in groups(management, DefaultAzureCredential())


def test_client_secret_credential(registration, management):
    secret = registration["AZURE_CLIENT_ID"], registration["AZURE_CLIENT_SECRET"]
    own = {"authority": registration["AZURE_AUTHORITY_HOST"]}
    for credential in (
        ClientSecretCredential("adfs", *secret, **own),
        ClientSecretCredential(os.environ["ARM_TENANT_ID"], *secret, **own, disable_instance_discovery=True),
    ):
        assert GROUP in groups(management, credential)
        claims = jwt.decode(credential.get_token(f"{os.environ['ARM_ENDPOINT']}/.default").token, options={"verify_signature": False})
        assert (claims["appid"], claims["tid"], claims["idtyp"]) == (secret[0], os.environ["ARM_TENANT_ID"], "app")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AZURE_CLIENT_SECRET": "wrong"}, "AADSTS7000215"),
        ({"AZURE_CLIENT_ID": "00000000-0000-4000-8000-000000000000"}, "AADSTS700016"),
    ],
)
def test_wrong_secrets_and_unknown_applications(registration, changed, code):
    given = {**registration, **changed}
    credential = ClientSecretCredential(
        "adfs", given["AZURE_CLIENT_ID"], given["AZURE_CLIENT_SECRET"], authority=given["AZURE_AUTHORITY_HOST"]
    )
    with pytest.raises(ClientAuthenticationError, match=code):
        credential.get_token(f"{os.environ['ARM_ENDPOINT']}/.default")


def test_workload_identity(registration, management, tmp_path, monkeypatch):
    federated = identity_command("federate", "reader", "--subject", SUBJECT)
    for name, value in federated.items():
        monkeypatch.setenv(name, value)
    assert GROUP in groups(management, WorkloadIdentityCredential())
    stranger = tmp_path / "stranger"
    stranger.write_text(
        subprocess.run(
            ["npm", "run", "-s", "local:identity", "--", "assertion", "system:serviceaccount:default:other"],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        WorkloadIdentityCredential(token_file_path=str(stranger)).get_token(f"{os.environ['ARM_ENDPOINT']}/.default")


def test_user_assigned_identities(management, subscription):
    identity = resource_id(subscription, "Microsoft.ManagedIdentity/userAssignedIdentities/trainer")
    made = ResourceManagementClient(**management).resources.begin_create_or_update_by_id(
        identity, {"location": LOCATION}, api_version="2023-01-31"
    ).result()
    for chosen in ({"client_id": made.properties["clientId"]}, {"identity_config": {"resource_id": identity}}):
        token = ManagedIdentityCredential(**chosen).get_token("https://storage.azure.com/.default").token
        assert jwt.decode(token, options={"verify_signature": False})["oid"] == made.properties["principalId"]
    with pytest.raises((CredentialUnavailableError, ClientAuthenticationError, HttpResponseError)):
        ManagedIdentityCredential(client_id="00000000-0000-4000-8000-000000000000").get_token(
            "https://storage.azure.com/.default"
        )
