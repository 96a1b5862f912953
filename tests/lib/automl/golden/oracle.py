"""What azure-ai-ml sends for a job file: the body of the PUT, taken from the client's own transport.

    python -m venv ENV && ENV/bin/pip install azure-ai-ml==1.35.2
    ENV/bin/python oracle.py FILE...       one JSON document a line: {"file", "body"} or {"file", "error"}
    ENV/bin/python oracle.py --write       writes NAME.json beside each NAME.yml of this folder; then: npx prettier --write .

The golden files of this folder were made with azure-ai-ml 1.35.2; random-*.yml come from random_jobs.py. Nothing is sent: the transport stops the request. What
the client would ask the workspace for is answered here: the latest version of a data asset is 7, and an uploaded local
folder lies at azureml://datastores/workspaceblobstore/paths/uploaded/FOLDER.
"""

import json
import logging
import os
import pathlib
import sys
import tempfile
import types
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ.setdefault("AZURE_CORE_COLLECT_TELEMETRY", "false")

from azure.ai.ml import MLClient, load_job  # noqa: E402
from azure.ai.ml._restclient.arm_ml_service._utils.model_base import SdkJSONEncoder  # noqa: E402
from azure.ai.ml._utils.utils import load_yaml  # noqa: E402
from azure.ai.ml.operations import _data_operations, _job_operations  # noqa: E402
from azure.core.credentials import AccessToken  # noqa: E402
from azure.core.pipeline.transport import RequestsTransport  # noqa: E402

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


class Sent(Exception):
    """Carries the body that was about to be sent."""


def stop(_transport, request, **_options):
    raise Sent(request.method, request.url, getattr(request, "body", None))


class Credential:
    def get_token(self, *_scopes, **_options):
        return AccessToken("token", 9_999_999_999)


RequestsTransport.send = stop
# A job that runs as its user carries the user's token in a header; the body is the same.
_job_operations.JobOperations._set_headers_with_user_aml_token = lambda _self, _options: None
_data_operations.DataOperations._get_latest_version = lambda _self, _name: types.SimpleNamespace(version="7")
_job_operations._upload_and_generate_remote_uri = lambda _scope, _stores, path, **_options: (
    f"azureml://datastores/workspaceblobstore/paths/uploaded/{pathlib.Path(path).name}"
)
client = MLClient(Credential(), SUBSCRIPTION, "rg", "ws")


def body_of(file):
    """The body, or what the client says against the file."""
    try:
        job = load_job(str(file))
        given = {field: getattr(job, field) for field in ("name", "display_name", "experiment_name", "compute")}
        client.jobs.create_or_update(job)
    except Sent as sent:
        method, _url, body = sent.args
        if method != "PUT":
            return {"error": f"unexpected request: {sent.args}"}
        return {"body": mended(json.loads(body), job, given, load_yaml(file))}
    except Exception as error:  # the client refuses with a dozen classes of its own
        return {"error": f"{type(error).__name__}: {error}"}
    return {"error": "nothing was sent"}


def mended(body, job, given, written):
    """The body with what the client means, where its wire format does not say it. The only changes to what is sent."""
    properties = body["properties"]
    # Entities that are not REST objects go out with Python's names, which the API does not know: instance_type, job_tier.
    # The client's own conversion, which it has and does not call for AutoML jobs, gives the API's.
    for name, entity in (("resources", job.resources), ("queueSettings", job.queue_settings)):
        if entity is not None:
            properties[name] = wire_format(entity)
    if properties.get("resources", {}).get("properties") == {}:
        del properties["resources"]["properties"]
    if job.services:
        properties["services"] = {name: wire_format(entity) for name, entity in job.services.items()}
    # Every output goes out as a folder.
    for name, output in (written.get("outputs") or {}).items():
        properties["outputs"][name]["jobOutputType"] = (output or {}).get("type", "uri_folder")
    # The API's enum is Grid, Random, Bayesian.
    sweep = properties["taskDetails"].get("sweepSettings")
    if sweep:
        sweep["samplingAlgorithm"] = sweep["samplingAlgorithm"].capitalize()
    # A folder without "type: mltable" gets a slash, as a uri_folder would; AutoML sends it as an mltable all the same.
    for name in ("trainingData", "validationData"):
        data = properties["taskDetails"].get(name, {})
        if "/paths/uploaded/" in data.get("uri", ""):
            data["uri"] = data["uri"].rstrip("/")
    # Serverless is no compute of the workspace; the service takes a job without one for serverless.
    if given["compute"] == "serverless":
        del properties["computeId"]
    # Names that the client makes up, of chance and of the working folder.
    if not given["display_name"] and not given["name"]:
        del properties["displayName"]
    if not given["experiment_name"]:
        del properties["experimentName"]
    return without_nulls(body)


def wire_format(entity):
    """A part of a job by the client's own conversion, as its own encoder writes it."""
    return json.loads(json.dumps(entity._to_rest_object(), cls=SdkJSONEncoder, exclude_readonly=True))


def without_nulls(value, place=()):
    """Null and absent are the same to the service, but for the values of tags and properties."""
    if isinstance(value, dict):
        keep = place in (("properties", "tags"), ("properties", "properties")) or "resources" in place
        pairs = ((key, without_nulls(item, (*place, key))) for key, item in value.items())
        return {key: item for key, item in pairs if keep or item is not None}
    return [without_nulls(item, place) for item in value] if isinstance(value, list) else value


def main(arguments):
    # The client takes the name of the working folder for an experiment name and its git state for properties.
    folder = pathlib.Path(__file__).resolve().parent
    if arguments == ["--write"]:
        files = sorted(folder.glob("*.yml"))
    else:
        files = [pathlib.Path(file).resolve() for file in arguments]
    os.chdir(tempfile.mkdtemp())
    for file in files:
        answer = body_of(file)
        if arguments != ["--write"]:
            print(json.dumps({"file": str(file), **answer}))
        elif "error" in answer:
            raise SystemExit(f"{file}: {answer['error']}")
        else:
            file.with_suffix(".json").write_text(json.dumps(answer["body"], indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
