"""Random legal job files, by the schema of azure-ai-ml: every task, field, parameter, distribution and policy.

    ENV/bin/python random_jobs.py FOLDER COUNT [SEED]

The numbers stay within the documented limits of the service, and the rules between properties hold: a file from here must
be taken, and its body must be what oracle.py gives.
"""

import pathlib
import random
import sys

import yaml

TASKS = [
    "image_object_detection",
    "image_instance_segmentation",
    "image_classification",
    "image_classification_multilabel",
]
CLASSIFIERS = ["resnet18", "resnet50", "seresnext", "vitb16r224", "mobilenetv2", "microsoft/beit-base-patch16-224"]
MODELS = {
    "image_object_detection": ["fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn", "mmd-3x-yolof_r50_c5_8x8_1x_coco"],
    "image_instance_segmentation": ["maskrcnn_resnet50_fpn", "maskrcnn_resnet18_fpn"],
    "image_classification": CLASSIFIERS,
    "image_classification_multilabel": CLASSIFIERS,
}
FLOATS = ["beta1", "beta2", "learning_rate", "momentum", "step_lr_gamma", "warmup_cosine_lr_cycles", "weight_decay"]
DETECTION_FLOATS = [
    "box_score_threshold",
    "nms_iou_threshold",
    "tile_overlap_ratio",
    "tile_predictions_nms_threshold",
    "validation_iou_threshold",
]
INTEGERS = [
    "early_stopping_delay",
    "early_stopping_patience",
    "evaluation_frequency",
    "gradient_accumulation_step",
    "layers_to_freeze",
    "number_of_epochs",
    "number_of_workers",
    "random_seed",
    "step_lr_step_size",
    "training_batch_size",
    "validation_batch_size",
    "warmup_cosine_lr_warmup_epochs",
]
RCNN = ["box_detections_per_image", "max_size", "min_size"]
CROPS = ["training_crop_size", "validation_crop_size", "validation_resize_size"]
BOOLEANS = ["ams_gradient", "distributed", "early_stopping", "enable_onnx_normalization", "nesterov"]
ENUMS = {
    "learning_rate_scheduler": ["none", "warmup_cosine", "step", "WarmupCosine"],
    "optimizer": ["none", "sgd", "adam", "adamw", "Adam"],
}
SIZES = ["none", "small", "medium", "large", "extra_large", "ExtraLarge"]
METRIC_TYPES = ["none", "coco", "voc", "coco_voc", "CocoVoc"]


class Jobs:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.raw = {}

    def maybe(self, chance=0.5):
        return self.random.random() < chance

    def one(self, *values):
        return self.random.choice(values)

    def some(self, values):
        return [value for value in values if self.maybe(0.3)]

    def plain(self, text):
        """A scalar that stands in the file as it is, without the quotes that a dump would give it."""
        mark = f"RAW{len(self.raw)}RAW"
        self.raw[mark] = text
        return mark

    def unit(self):
        """A float from 0 to 1, in the many ways to write one."""
        value = self.one(
            0.5, 0.1, 1.0, 0.0, self.random.random(), 10.0 ** -self.random.randint(1, 12),
            self.random.randint(1, 999) * 10.0 ** -self.random.randint(3, 9), 1 / 3,
        )  # fmt: skip
        return self.one(
            value, self.one(0, 1), self.plain(self.one("1e-5", "5E-04", "3.0e-7", ".5", "1.", "1e-3", "+0.25"))
        )

    def logarithm(self):
        return self.one(-self.random.random() * 10, -self.random.randint(0, 12), self.random.random() * 1e-8)

    def whole(self, low=1):
        return self.random.randint(low, self.one(5, 60, 4096))

    def bounds(self, low, high):
        while not float(self.raw.get(low, low)) < float(self.raw.get(high, high)):
            low, high = self.unit(), self.unit()
        return {"min_value": low, "max_value": high}

    def float_value(self, sampling):
        kinds = ["plain", "choice"]
        if sampling != "grid":
            kinds += ["uniform", "quniform"]
        if sampling == "random":
            kinds += ["loguniform", "qloguniform", "normal", "lognormal", "qnormal", "qlognormal", "randint"]
        kind = self.one(*kinds)
        q = {"q": self.one(1, 0.1, 1e-05, 2.0)} if kind.startswith("q") else {}
        if kind == "plain":
            return self.unit()
        if kind == "choice":
            if self.maybe(0.3):
                return {"type": "choice", "values": [self.one(0, 1) for _ in range(self.random.randint(1, 3))]}
            return {"type": "choice", "values": [self.unit() for _ in range(self.random.randint(1, 4))]}
        if kind == "randint":
            return {"type": "randint", "upper": self.whole()}
        if kind in ("uniform", "quniform"):
            return {"type": kind, **self.bounds(self.unit(), self.unit()), **q}
        if kind in ("loguniform", "qloguniform"):
            low, high = sorted([self.logarithm(), self.logarithm() + 11])
            return {"type": kind, "min_value": low, "max_value": high, **q}
        return {"type": kind, "mu": self.logarithm(), "sigma": self.one(1, 0.25, 1e-06), **q}

    def integer_value(self, sampling):
        kinds = ["plain", "choice"]
        if sampling != "grid":
            kinds += ["quniform"]
        if sampling == "random":
            kinds += ["randint", "qloguniform", "qnormal", "qlognormal"]
        kind = self.one(*kinds)
        if kind == "plain":
            return self.whole()
        if kind == "choice":
            return {"type": "choice", "values": [self.whole() for _ in range(self.random.randint(1, 4))]}
        if kind == "randint":
            return {"type": "randint", "upper": self.whole()}
        q = {"q": self.random.randint(1, 9)}
        if kind in ("qnormal", "qlognormal"):
            return {"type": kind, "mu": self.random.randint(-3, 50), "sigma": self.random.randint(1, 9), **q}
        low = self.random.randint(1, 5)
        return {"type": self.one(kind, kind.capitalize()), "min_value": low, "max_value": low + self.whole(), **q}

    def listed(self, values):
        if self.maybe():
            return self.random.choice(values)
        return {"type": "choice", "values": [self.random.choice(values) for _ in range(self.random.randint(1, 3))]}

    def boolean(self):
        return self.one(True, False, True, False, 1, 0, "yes", self.plain(self.one("on", "Off", "no", "TRUE")))

    def parameters(self, task, model, sampling):
        """Parameters of one model: scalars when nothing is sampled, and else of the search space."""
        sweeping = sampling is not None
        floats = self.float_value if sweeping else lambda _: self.unit()
        integers = self.integer_value if sweeping else lambda _: self.one(self.whole(), str(self.whole()), 7.0)
        listed = self.listed if sweeping else self.random.choice
        detection = task in ("image_object_detection", "image_instance_segmentation")
        found = {}
        for name in self.some(FLOATS + (DETECTION_FLOATS if detection else [])):
            found[name] = floats(sampling)
        for name in self.some(INTEGERS + ([] if detection else CROPS)):
            found[name] = integers(sampling)
        for name in self.some(BOOLEANS):
            found[name] = listed([self.boolean(), self.boolean()])
        for name, values in ENUMS.items():
            if self.maybe(0.3):
                found[name] = listed(values)
        if not detection and self.maybe(0.3):
            found["weighted_loss"] = listed([0, 1, 2])
        if detection:
            if self.maybe(0.3):
                found["validation_metric_type"] = listed(METRIC_TYPES)
            if self.maybe(0.3):
                found["tile_grid_size"] = listed(["3x2", "(3, 2)", "2x2"])
            if model == "yolov5":
                for name, value in (("image_size", integers(sampling)), ("model_size", listed(SIZES)), ("multi_scale", self.boolean())):
                    if self.maybe(0.4):
                        found[name] = value
            else:
                for name in self.some(RCNN):
                    found[name] = integers(sampling)
        if not sweeping:
            own = {
                "advanced_settings": '{"apply_mosaic_for_yolo": false}',
                "checkpoint_frequency": self.whole(),
                "checkpoint_run_id": "green_brush_abc123_HD_0",
            }
            if detection:
                own.update(log_training_metrics=self.one("enable", "Disable"), log_validation_loss=self.one("enable", "disable"))
            found.update({name: value for name, value in own.items() if self.maybe(0.3)})
        names = list(found)
        self.random.shuffle(names)
        return {name: found[name] for name in names}

    def data(self, part):
        workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
        data = {
            "path": self.one(
                f"azureml:coco-{part}:3",
                f"azureml:coco-{part}@latest",
                f"azureml:{workspace}/data/coco-{part}/versions/2",
                f"{workspace}/data/coco-{part}/versions/2",
                f"azureml://registries/shared/data/coco-{part}/versions/1.0.1",
                f"azureml://datastores/workspaceblobstore/paths/tables/{part}/",
                f"azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/{part}",
                f"https://account.blob.core.windows.net/tables/{part}",
                f"wasbs://tables@account.blob.core.windows.net/{part}",
                f"./tables/{part}",
                f"tables/{part}/",
            )
        }
        if self.maybe(0.9):
            data["type"] = "mltable"
        if self.maybe(0.2):
            data["mode"] = self.one("ro_mount", "download", "direct", "eval_mount", "eval_download")
        return data

    def policy(self):
        shared = {}
        if self.maybe():
            shared["evaluation_interval"] = self.one(1, 2, 5, None)
        if self.maybe():
            shared["delay_evaluation"] = self.one(0, 6, "3", None)
        kind = self.one("bandit", "median_stopping", "truncation_selection", "Bandit", "MedianStopping")
        if kind.lower() == "bandit":
            slack = self.one({"slack_factor": self.one(0.2, 1, 1e-05)}, {"slack_amount": 0.1}, {"slack_factor": 0.1, "slack_amount": None})
            return {"type": kind, **shared, **slack}
        if kind == "truncation_selection":
            return {"type": kind, **shared, "truncation_percentage": self.random.randint(1, 99)}
        return {"type": kind, **shared}

    def job(self):
        task = self.random.choice(TASKS)
        detection = task in ("image_object_detection", "image_instance_segmentation")
        models = MODELS[task] + (["yolov5", "yolov5"] if task == "image_object_detection" else [])
        metrics = ["mean_average_precision", "MeanAveragePrecision"] if detection else ["accuracy", "auc_weighted", "norm_macro_recall", "average_precision_score_weighted", "precision_score_weighted"]
        if task == "image_classification_multilabel":
            metrics = metrics + ["iou", "IOU"]
        trials = self.random.randint(1, 1000)
        limits = {
            "timeout_minutes": self.one(30, 60, 90, 1440, 1500, 86400, self.random.randint(1, 86400)),
            "max_trials": trials,
            "max_concurrent_trials": self.random.randint(1, min(trials, 100)),
        }
        if self.maybe(0.3):
            del limits[self.one("timeout_minutes", "max_concurrent_trials")]
        optional = {
            "$schema": "https://azuremlsdk2.blob.core.windows.net/preview/0.0.1/autoMLJob.schema.json",
            "name": f"job-{self.random.randint(0, 999)}",
            "display_name": self.one("A job: with a colon", "日本", "yes"),
            "description": "line one\nline two\n",
            "experiment_name": "coco",
            "tags": self.one({}, {"a": "b", "n": None}, {"when": "2024-01-01", "one": "1", "on": "on"}),
            "properties": {"p": "q"},
            "environment_id": self.one("azureml:env:1", "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/environments/e/versions/1"),
            "environment_variables": {"KEY": "value", "NUMBER": "5"},
            "log_verbosity": self.one("not_set", "debug", "info", "Warning", "ERROR", "critical", "NotSet"),
            "primary_metric": self.random.choice(metrics),
            "limits": limits,
            "queue_settings": self.one({"job_tier": self.one("Spot", "basic", "standard", "premium", "null")}, {"job_tier": "spot", "priority": "High"}),
            "identity": self.one({"type": "managed", "client_id": "c"}, {"type": "managed_identity", "object_id": "o"}, {"type": "user_identity"}, {"type": "aml_token"}, {"type": "UserIdentity"}),
            "outputs": self.one({"best_model": {"type": self.one("mlflow_model", "custom_model", "uri_folder"), "mode": self.one("rw_mount", "upload", "direct", "mount")}}, {"o": None, "p": {"type": "mltable", "path": "azureml://datastores/d/paths/p", "name": "asset", "version": self.one(2, "2", 1.5)}}),
            "services": {"s": self.one({"type": "ssh", "ssh_public_keys": "key", "nodes": "all"}, {"type": "tensor_board", "log_dir": "logs", "port": 6006}, {"type": "vs_code"}, {"type": "jupyter_lab", "properties": {"a": "b"}})},
        }  # fmt: skip
        job = {
            "type": "automl",
            "task": task,
            "target_column_name": "label",
            "training_data": self.data("training"),
            **{name: value for name, value in optional.items() if self.maybe(0.4)},
        }
        if self.maybe(0.7):
            job["validation_data"] = self.data("validation")
        elif self.maybe():
            job["validation_data_size"] = self.one(0.2, 0.15, "0.3", 1e-03)
        if self.maybe(0.75):
            job["compute"] = self.one("azureml:gpu-cluster", "gpu-cluster", "azureml:serverless", "serverless", "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/computes/c")
        else:
            job["resources"] = {
                "instance_type": "Standard_NC4as_T4_v3",
                **{
                    name: value
                    for name, value in {
                        "instance_count": self.one(1, 2, "4"),
                        "shm_size": "16g",
                        "docker_args": self.one("--ipc=host", ["--ipc=host", "--privileged"]),
                        "properties": {"foo": {"bar": [1, 2.5, True, "x"]}},
                        "locations": ["westeurope"],
                    }.items()
                    if self.maybe()
                },
            }
            if not isinstance(job["resources"].get("docker_args"), str):
                job["resources"].pop("locations", None)
        shape = self.one("fixed", "sweep", "conditional", "automode")
        if shape in ("sweep", "conditional"):
            sampling = self.one("random", "grid") if shape == "conditional" else self.one("random", "grid", "bayesian")
            job["sweep"] = {"sampling_algorithm": self.one(sampling, sampling.capitalize())}
            if self.maybe(0.7):
                job["sweep"]["early_termination"] = self.policy()
            job["search_space"] = []
            for _ in range(self.random.randint(2, 3) if shape == "conditional" else 1):
                model = self.random.choice(models)
                named = {"model_name": self.one(model, {"type": "choice", "values": [model]})}
                job["search_space"].append({**named, **self.parameters(task, model, sampling)})
            if self.maybe(0.3):
                job["training_parameters"] = {"early_stopping": True, "number_of_epochs": self.whole()}
        elif shape == "fixed":
            model = self.random.choice(models)
            job["training_parameters"] = {"model_name": model, **self.parameters(task, model, None)}
        names = list(job)
        if self.maybe():
            self.random.shuffle(names)
        return {name: job[name] for name in names}

    def text(self):
        self.raw = {}
        text = yaml.safe_dump(
            self.job(), sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=self.one(False, False, None, True)
        )
        for mark, raw in self.raw.items():
            text = text.replace(mark, raw)
        if self.maybe(0.1):
            text = "\ufeff" + text
        return text.replace("\n", "\r\n") if self.maybe(0.1) else text


def main(folder, count, seed="1"):
    folder = pathlib.Path(folder)
    for part in ("training", "validation"):
        (folder / "tables" / part).mkdir(parents=True, exist_ok=True)
        (folder / "tables" / part / "MLTable").write_text("paths: []\n")
    jobs = Jobs(int(seed))
    for index in range(int(count)):
        (folder / f"job{index:05}.yml").write_bytes(jobs.text().encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
