"""3D LUTs as .cube text (Adobe, "Cube LUT Specification 1.0", 2013)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cube_text(lut: NDArray[Any], title: str = "Reelprint", *, domain_max: float = 1.0) -> str:
    """The .cube file of a LUT (n, n, n, 3) indexed [r, g, b], 2 <= n <= 256. Red varies fastest.

    ``domain_max``: input value of the last node on every axis; the first stands for 0.
    """
    size = lut.shape[0]
    if lut.shape != (size, size, size, 3) or not 2 <= size <= 256:
        raise ValueError(f"not a cubic LUT: shape {lut.shape}")
    label = "".join(character for character in title if character.isprintable() and character != '"')
    rows = np.asarray(lut, np.float64).transpose(2, 1, 0, 3).reshape(-1, 3)
    top = f"{domain_max:.9g}"
    head = f'TITLE "{label}"\nLUT_3D_SIZE {size}\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX {top} {top} {top}\n'
    return head + "".join(f"{r:.6f} {g:.6f} {b:.6f}\n" for r, g, b in rows)
