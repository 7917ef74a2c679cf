import math

import numpy as np
import pytest

from taskrnn.analysis.stability.attractor_dimension import entropy_rate, kaplan_yorke

LORENZ = [0.9056, 0.0, -14.5723]  # Sprott 2003; dimension 2.0621


@pytest.mark.parametrize(
    ("spectrum", "dimension", "rate"),
    [
        (LORENZ, 2 + 0.9056 / 14.5723, 0.9056),
        ([-0.1, -0.2, -3.0], 0, 0),  # a fixed point
        ([0.0, -1.0, -2.0], 1, 0),  # a cycle
        ([0.0, 0.0, -2.0], 2, 0),  # a torus
        ([1.0, 0.5, -1.5], 3, 1.5),  # volumes are kept
        ([1.0, 0.5, -1.0], 3, 1.5),  # volumes grow
        ([1.0, -4.0, -math.inf], 1.25, 1),
        ([1.0, -math.inf, -math.inf], 1, 1),
        ([-math.inf] * 3, 0, 0),
    ],
)
def test_known_spectra(spectrum, dimension, rate):
    assert kaplan_yorke([spectrum, LORENZ]) == pytest.approx([dimension, 2.0621], abs=5e-5)
    assert entropy_rate([spectrum]) == pytest.approx([rate])


def test_unit_of_time_does_not_matter_and_dimension_is_continuous():
    rng = np.random.default_rng(0)
    spectra = -np.sort(-(rng.standard_normal((200, 9)) - 0.3), axis=1)
    dimension = kaplan_yorke(spectra)
    assert kaplan_yorke(7 * spectra) == pytest.approx(dimension)
    # Volumes of the dimension found neither grow nor shrink: the sum interpolated there is zero.
    for spectrum, d in zip(spectra, dimension, strict=True):
        sums = np.concatenate([[0], np.cumsum(spectrum)])
        if 0 < d < 9:
            assert np.interp(d, range(10), sums) == pytest.approx(0, abs=1e-12)
    assert ((dimension == 0) == (spectra[:, 0] < 0)).all()
    assert ((dimension == 9) == (spectra.sum(axis=1) >= 0)).all()


@pytest.mark.parametrize(
    ("exponents", "sentence"),
    [
        ([1.0, 0.0], "must be"),
        ([[0.0, 1.0]], "must fall"),
        ([[np.nan, 0.0]], "finite"),
        ([[np.inf, 0.0]], "finite"),
    ],
)
def test_bad_input_is_named(exponents, sentence):
    with pytest.raises(ValueError, match=sentence):
        kaplan_yorke(exponents)
    with pytest.raises(ValueError, match=sentence):
        entropy_rate(exponents)
