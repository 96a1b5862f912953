"""What the tests share: the local cloud is found by the environment alone, as by any client."""

import os
from pathlib import Path

import pytest
from azure.identity import DefaultAzureCredential

PROJECT = Path(__file__).resolve().parents[3]
LOCATION = "eastus2"
GROUP = "clients"
WORKSPACE = "clients"
ACCOUNT = "clientsimages"


@pytest.fixture(scope="session")
def subscription() -> str:
    return os.environ["AZURE_SUBSCRIPTION_ID"]


@pytest.fixture(scope="session")
def credential() -> DefaultAzureCredential:
    return DefaultAzureCredential()


@pytest.fixture(scope="session")
def management(subscription, credential) -> dict:
    """Arguments with which a client of azure-mgmt is pointed at another cloud than the public one."""
    endpoint = os.environ["ARM_ENDPOINT"]
    return {
        "credential": credential,
        "subscription_id": subscription,
        "base_url": endpoint,
        "credential_scopes": [f"{endpoint}/.default"],
    }


def resource_id(subscription: str, rest: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{GROUP}/providers/{rest}"
