"""The peer of the converter's benchmark, Microsoft's own in peer/: converterPeer.py ANNOTATIONS URL OUT.

Its two libraries for masks, which turn the run lengths of crowds into polygons, are replaced by functions that do nothing.
That is in its favour, and the standard library is enough.
"""

import os
import sys
import types

masktools = types.ModuleType("masktools")
masktools.convert_mask_to_polygon = lambda mask: []
mask = types.ModuleType("pycocotools.mask")
mask.frPyObjects = lambda *given: None
package = types.ModuleType("pycocotools")
package.mask = mask
sys.modules.update({"masktools": masktools, "pycocotools": package, "pycocotools.mask": mask})
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer"))
sys.dont_write_bytecode = True

from base_jsonl_converter import write_json_lines
from coco_jsonl_converter import COCOJSONLConverter

annotations, url, out = sys.argv[1:]
write_json_lines(COCOJSONLConverter(url, annotations), out)
