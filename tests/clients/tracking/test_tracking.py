"""mlflow with azureml-mlflow, at the tracking URI of the workspace, in a folder of packages of its own."""

import math
import os

import mlflow
import pytest
from mlflow.exceptions import MlflowException

JOB = "quick"


@pytest.fixture(scope="module", autouse=True)
def tracking():
    assert os.environ["MLFLOW_TRACKING_URI"].startswith("azureml://localhost:")


def test_a_run_and_its_artifacts(tmp_path):
    mlflow.set_experiment("from-mlflow")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("learning_rate", 0.1)
        for step in range(3):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metric("diverged", float("nan"))
        mlflow.set_tag("stage", "tried")
        mlflow.log_text("hello", "notes/hello.txt")
        (tmp_path / "files").mkdir()
        (tmp_path / "files" / "a.bin").write_bytes(b"a")
        mlflow.log_artifacts(str(tmp_path / "files"), "files")
    client = mlflow.MlflowClient()
    logged = client.get_run(run.info.run_id)
    assert (logged.info.status, logged.data.params, logged.data.tags["stage"]) == (
        "FINISHED",
        {"learning_rate": "0.1"},
        "tried",
    )
    assert [point.value for point in client.get_metric_history(run.info.run_id, "loss")] == [1, 1 / 2, 1 / 3]
    assert math.isnan(logged.data.metrics["diverged"])
    assert sorted(file.path for file in client.list_artifacts(run.info.run_id)) == ["files", "notes"]
    path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="notes/hello.txt")
    with open(path) as file:
        assert file.read() == "hello"


def test_search():
    runs = mlflow.search_runs(experiment_names=["from-mlflow"], filter_string="metrics.loss < 0.5", output_format="list")
    assert [run.info.run_name for run in runs] == ["first"]
    with pytest.raises(MlflowException):
        mlflow.search_runs(experiment_names=["from-mlflow"], order_by=["metrics.loss ASC"], output_format="list")


def test_the_best_trial_of_a_job(tmp_path):
    client = mlflow.MlflowClient()
    best = client.get_run(JOB).data.tags["automl_best_child_run_id"]
    assert 0 <= client.get_run(best).data.metrics["mean_average_precision"] <= 1
    client.download_artifacts(best, "outputs/mlflow-model", str(tmp_path))
    assert (tmp_path / "outputs" / "mlflow-model" / "MLmodel").exists()
