"""The standard normal distribution, over arrays of any shape."""

from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def density(z: F64) -> F64:
    return np.asarray(np.exp(-0.5 * z**2) / sqrt(2 * pi))


def distribution(z: F64) -> F64:
    """Return the probability of a value below `z`."""
    flat = [0.5 * (1.0 + erf(value / sqrt(2.0))) for value in np.ravel(z).tolist()]
    return np.array(flat).reshape(np.shape(z))
