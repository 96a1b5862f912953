"""azure-ai-ml: data, training and models of the workspace, by MLClient alone."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from azure.core.polling import LROPoller
from azure.core.rest import HttpRequest
from azure.mgmt.core.polling.arm_polling import ARMPolling
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.ai.ml import MLClient, load_job
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.entities import AmlCompute, Data, ManagedOnlineDeployment, ManagedOnlineEndpoint, Model
from azure.core.exceptions import HttpResponseError

from conftest import GROUP, PROJECT, WORKSPACE, resource_id

SAMPLE = PROJECT / ".local" / "sample"
PICTURES = 48


@pytest.fixture(scope="module")
def ml(credential, subscription) -> MLClient:
    return MLClient(credential, subscription, GROUP, WORKSPACE)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """A part of the sample: COCO annotations, and a folder of their pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    coco = json.loads((SAMPLE / "instances.json").read_text())
    coco["images"] = coco["images"][:PICTURES]
    kept = {image["id"] for image in coco["images"]}
    coco["annotations"] = [box for box in coco["annotations"] if box["image_id"] in kept]
    (folder / "instances.json").write_text(json.dumps(coco))
    (folder / "images").mkdir()
    for image in coco["images"]:
        shutil.copy(SAMPLE / "images" / image["file_name"], folder / "images")
    return folder


def test_workspace(ml):
    workspace = ml.workspaces.get(WORKSPACE)
    assert workspace.mlflow_tracking_uri.startswith("azureml://localhost:")
    assert WORKSPACE in [listed.name for listed in ml.workspaces.list()]


def test_cluster(ml):
    cluster = AmlCompute(name="gpu-cluster", size="STANDARD_NC4AS_T4_V3", min_instances=0, max_instances=2)
    made = ml.compute.begin_create_or_update(cluster).result()
    assert (made.provisioning_state, made.max_instances) == ("Succeeded", 2)
    assert "gpu-cluster" in [compute.name for compute in ml.compute.list()]


def test_datastores(ml):
    assert ml.datastores.get_default().name == "workspaceblobstore"
    assert "workspaceartifactstore" in [datastore.name for datastore in ml.datastores.list()]


def test_data_of_a_local_folder(ml, pictures):
    folder = Data(name="pictures", version="1", type=AssetTypes.URI_FOLDER, path=str(pictures / "images"))
    made = ml.data.create_or_update(folder)
    assert made.path.startswith("azureml://subscriptions/")
    out = pictures / "tables"
    subprocess.run(
        ["npm", "run", "-s", "data:convert", "--", "--annotations", pictures / "instances.json"]
        + ["--image-url", f"{made.path}/", "--out", out, "--classes-from", "supercategory", "--validation-fraction", "0.25"],
        cwd=PROJECT,
        check=True,
    )
    for part, name in (("train", "cocotrain2017-training"), ("validation", "cocotrain2017-validation")):
        table = Data(name=name, version="1", type=AssetTypes.MLTABLE, path=str(out / part), skip_validation=True)
        assert ml.data.create_or_update(table).id
    assert ml.data.get("cocotrain2017-training", label="latest").version == "1"
    assert [data.version for data in ml.data.list("pictures")] == ["1"]


@pytest.mark.parametrize("form", ["Coco", "CSV", "Dataset"])
def test_export_of_a_labeling_project(management, subscription, form):
    """No client of Python has these operations any more; what polls them is the SDK's own."""
    client = MachineLearningServicesMgmtClient(**management)._client
    workspace = resource_id(subscription, f"Microsoft.MachineLearningServices/workspaces/{WORKSPACE}")

    def finished(method, path, body=None):
        url = f"{management['base_url']}{workspace}/labelingJobs/people{path}?api-version=2023-06-01-preview"
        answer = client._pipeline.run(HttpRequest(method, url, json=body))
        polling = ARMPolling(0.2, lro_options={"final-state-via": "location"})
        return answer.http_response, LROPoller(client, answer, lambda last: last.http_response, polling).result(60)

    project = {
        "jobType": "Labeling",
        "dataConfiguration": {"dataId": f"{workspace}/data/pictures/versions/1", "incrementalDataRefresh": "Disabled"},
        "labelCategories": {"objects": {"multiSelect": "Disabled", "classes": {"person": {"displayName": "person"}}}},
        "labelingJobMediaProperties": {"mediaType": "Image", "annotationType": "BoundingBox"},
    }
    finished("PUT", "", {"properties": project})
    assert finished("POST", "/pause")[0].status_code == 200
    assert finished("POST", "/resume")[0].status_code == 202
    asked, exported = finished("POST", "/exportLabels", {"format": form})
    assert (asked.status_code, exported.status_code) == (202, 200)
    summary = exported.json()
    assert summary["format"] == form
    assert summary["labeledAssetName" if form == "Dataset" else "snapshotPath"]


@pytest.fixture(scope="module")
def job(ml):
    """The repository's own job file, as short as it can be."""
    quick = [{"name": "quick"}, {"training_parameters.number_of_epochs": 1}]
    return ml.jobs.create_or_update(load_job(PROJECT / "jobs" / "yolov5.yml", params_override=quick))


def test_job(ml, job, capfd):
    ml.jobs.stream(job.name)
    assert "Execution Summary" in capfd.readouterr().out
    done = ml.jobs.get(job.name)
    assert done.status == "Completed"
    assert done.tags["automl_best_child_run_id"] == f"{job.name}_HD_0"
    assert [child.name for child in ml.jobs.list(parent_job_name=job.name)] == [f"{job.name}_HD"]


def test_update_and_archive_of_a_job(ml, job):
    ml.jobs.update(job.name, display_name="renamed", tags={"stage": "tried"})
    renamed = ml.jobs.get(job.name)
    assert (renamed.display_name, renamed.tags["stage"]) == ("renamed", "tried")
    assert "automl_best_child_run_id" in renamed.tags
    ml.jobs.archive(job.name)
    assert job.name not in [listed.name for listed in ml.jobs.list()]
    ml.jobs.restore(job.name)
    assert job.name in [listed.name for listed in ml.jobs.list()]


def test_a_job_that_exists_does_not_change(ml, job):
    changed = load_job(PROJECT / "jobs" / "yolov5.yml", params_override=[{"name": job.name}, {"limits.max_trials": 2}])
    with pytest.raises(HttpResponseError):
        ml.jobs.create_or_update(changed)


def test_models(ml, job, tmp_path):
    trained = f"azureml://jobs/{job.name}_HD_0/outputs/artifacts/outputs/model.pt"
    registered = ml.models.create_or_update(
        Model(name="detector", version="1", type=AssetTypes.CUSTOM_MODEL, path=trained)
    )
    assert registered.path.endswith("/outputs/model.pt")
    ml.models.download("detector", "1", download_path=tmp_path)
    assert [file.name for file in tmp_path.rglob("*.pt")] == ["model.pt"]
    local = tmp_path / "weights.bin"
    local.write_bytes(b"weights")
    uploaded = ml.models.create_or_update(Model(name="local", type=AssetTypes.CUSTOM_MODEL, path=str(local)))
    assert uploaded.version == "1"
    assert {model.name for model in ml.models.list()} == {"detector", "local"}


def test_online_endpoint(ml, job, pictures):
    endpoint = ManagedOnlineEndpoint(name="detector", auth_mode="key")
    assert ml.online_endpoints.begin_create_or_update(endpoint).result().provisioning_state == "Succeeded"
    deployment = ManagedOnlineDeployment(
        name="blue", endpoint_name="detector", model="azureml:detector:1", instance_type="Standard_DS3_v2", instance_count=1
    )
    ml.online_deployments.begin_create_or_update(deployment).result()
    endpoint.traffic = {"blue": 100}
    ml.online_endpoints.begin_create_or_update(endpoint).result()
    picture = base64.b64encode(next((pictures / "images").iterdir()).read_bytes()).decode()
    request = pictures / "request.json"
    request.write_text(json.dumps({"input_data": {"columns": ["image"], "data": [picture]}}))
    answer = json.loads(ml.online_endpoints.invoke("detector", request_file=str(request)))
    assert "boxes" in answer[0]
    assert ml.online_endpoints.get_keys("detector").primary_key
    assert [endpoint.name for endpoint in ml.online_endpoints.list()] == ["detector"]
