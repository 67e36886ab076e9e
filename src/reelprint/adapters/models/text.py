"""Text reading with PP-OCRv6 (Apache-2.0), whose ONNX files lie inside the ``rapidocr`` wheel: offline, no download.

Detection is DB (Liao et al. 2020, "Real-time scene text detection with differentiable binarization"), recognition
a CTC recogniser (SVTR family). The pipeline class of rapidocr is passed by: its switches stick from call to call
and it resizes every picture to at least 736 pixels, which costs five times what detection of titles needs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from reelprint.analyze.text.reader import TextBox, TextReading
from reelprint.core.errors import ModelMissing

U8 = NDArray[np.uint8]

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"


class RapidTextReader:
    """TextReader on the CPU. Each model (0.4 s; 30 MB together) is loaded at its first use.

    ``detection_side_px``: the short side a picture is reduced to for detection; text lower than about 1/36 of the
    short side is missed. ``threads``: per inference. Raises ModelMissing when the model files are not there.
    """

    def __init__(self, detection_side_px: int = 288, threads: int = 2) -> None:
        self._side = detection_side_px
        self._threads = threads
        self._detector: Any = None
        self._recogniser: Any = None

    def find(self, rgb: U8) -> list[TextBox]:
        """See TextReader. Boxes are in pixels of ``rgb``, in reading order."""
        if self._detector is None:
            self._detector = self._load_detector()
        height, width = rgb.shape[:2]
        scale = min(1.0, self._side / min(height, width))
        size = (max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        found = self._detector(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if found.boxes is None:
            return []
        ratio = np.array([width / size[0], height / size[1]])
        return [
            TextBox(tuple((float(x), float(y)) for x, y in corners * ratio), float(score))
            for corners, score in zip(found.boxes, found.scores, strict=True)
        ]

    def read(self, rgb: U8, boxes: Sequence[TextBox]) -> list[TextReading]:
        """See TextReader."""
        if not boxes:
            return []
        if self._recogniser is None:
            self._recogniser = self._load_recogniser()
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        request = import_module("rapidocr.ch_ppocr_rec").TextRecInput(
            img=[straighten(bgr, box) for box in boxes], return_word_box=False
        )
        found = self._recogniser(request)
        return [
            TextReading(text.strip(), float(score) if text.strip() else 0.0)
            for text, score in zip(found.txts, found.scores, strict=True)
        ]

    def _load_detector(self) -> Any:
        # the picture comes at its final size: a limit that is never reached keeps rapidocr from resizing it
        settings = {"limit_type": "max", "limit_side_len": 100_000}
        return import_module("rapidocr.ch_ppocr_det").TextDetector(self._settings("Det", _DETECTOR, settings))

    def _load_recogniser(self) -> Any:
        settings = {"rec_batch_num": 1, "font_path": None}
        return import_module("rapidocr.ch_ppocr_rec").TextRecognizer(self._settings("Rec", _RECOGNISER, settings))

    def _settings(self, part: str, model: str, changes: dict[str, Any]) -> Any:
        """The wheel's own settings of one part, with an explicit model path: nothing is looked up or fetched."""
        try:
            package = import_module("rapidocr")
        except ImportError as error:
            raise ModelMissing("rapidocr is not installed", detail=str(error)) from error
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        root = Path(str(package.__file__)).parent
        path = root / "models" / model
        if not path.is_file():
            raise ModelMissing(f"the text model {model} is not in the rapidocr package", detail=str(path))
        config = import_module("rapidocr.utils.parse_parameters").ParseParams.load(root / "config.yaml")
        settings = dict(config[part])
        settings["session"] = self._session(path)
        return import_module("omegaconf").DictConfig(settings | changes, flags={"allow_objects": True})

    def _session(self, path: Path) -> Any:
        runtime = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        # idle threads that spin take the core from the rest of the analysis
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return runtime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])


def straighten(picture: U8, box: TextBox) -> U8:
    """(h, w, 3): a box's content turned upright by its corners; a tall one is laid on its side."""
    corners = np.array(box.corners, dtype=np.float32)
    width = max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[3] - corners[2]))
    height = max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2]))
    w, h = max(2, int(width)), max(2, int(height))
    target = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(corners, target)
    flat = cv2.warpPerspective(picture, turn, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.rot90(flat).copy() if h >= 1.5 * w else np.asarray(flat)
