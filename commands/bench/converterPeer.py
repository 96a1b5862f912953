"""The peer of the converter's benchmark: converterPeer.py ANNOTATIONS URL OUT [FOLDER].

With FOLDER, Microsoft's own converter: the folder sdk/python/jobs/automl-standalone-jobs/jsonl-conversion of a checkout of
github.com/Azure/azureml-examples. Its two libraries for masks are replaced by functions that do nothing, in its favour.
Without, a stand-in that takes the same steps over the same objects: the whole file as Python objects, a dict an image,
polygons in shares of the image, and one json.dump a line.
"""

import json
import sys
import types


def microsoft(annotations, url, out, folder):
    masktools = types.ModuleType("masktools")
    masktools.convert_mask_to_polygon = lambda mask: []
    mask = types.ModuleType("pycocotools.mask")
    mask.frPyObjects = lambda *given: None
    package = types.ModuleType("pycocotools")
    package.mask = mask
    sys.modules.update({"masktools": masktools, "pycocotools": package, "pycocotools.mask": mask})
    sys.path.insert(0, folder)
    from base_jsonl_converter import write_json_lines
    from coco_jsonl_converter import COCOJSONLConverter

    write_json_lines(COCOJSONLConverter(url, annotations), out)


def stand_in(annotations, url, out):
    with open(annotations) as file:
        coco = json.load(file)
    names = {category["id"]: category["name"] for category in coco["categories"]}
    lines = {}
    for image in coco["images"]:
        name = image["file_name"]
        details = {"format": name.rpartition(".")[2], "width": image["width"], "height": image["height"]}
        lines[image["id"]] = {"image_url": url + name.rpartition("/")[2], "image_details": details, "label": []}
    for annotation in coco["annotations"]:
        line = lines[annotation["image_id"]]
        size = [line["image_details"]["width"], line["image_details"]["height"]]
        label = {"label": names[annotation["category_id"]]}
        shape = annotation["segmentation"]
        if isinstance(shape, list) and shape:
            label["polygon"] = [[value / size[at % 2] for at, value in enumerate(ring)] for ring in shape]
        elif isinstance(shape, dict):
            label["polygon"] = []
        else:
            x, y, width, height = annotation["bbox"]
            label.update(topX=x / size[0], topY=y / size[1], bottomX=(x + width) / size[0], bottomY=(y + height) / size[1])
        label["isCrowd"] = annotation["iscrowd"]
        line["label"].append(label)
    with open(out, "w") as file:
        for line in lines.values():
            json.dump(line, file, separators=(",", ":"))
            file.write("\n")


if len(sys.argv) > 4:
    microsoft(*sys.argv[1:5])
else:
    stand_in(*sys.argv[1:4])
