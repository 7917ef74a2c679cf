"""No answer depends on the unit of measurement: numbers without a unit stay as they are, others
change by the same factor.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studies.chaos import phase_diagram
from taskrnn.analysis import geometry as latent
from taskrnn.analysis import nulls, reservoir, statistics, subspaces
from taskrnn.analysis import weights as spectra
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.fixed_points.steady import steady_states
from taskrnn.analysis.stability import attractor_dimension
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.analysis.units import unitless
from taskrnn.networks.activation import leaky_relu


def rng():
    return np.random.default_rng(0)


G = rng().standard_normal((2, 12, 12))
W, C = 0.5 * rng().standard_normal((6, 6)), rng().standard_normal(6)
POINTS, ANSWER = (
    rng().standard_normal((40, 3)) + 2 * np.arange(40)[:, None] % 4,
    np.arange(40) % 2 - 0.5,
)
PATHS = rng().standard_normal((2, 9, 3))


def plane(s):
    return latent.plane_through(s * PATHS[:, :2], s * PATHS)


WITHOUT_UNIT = {
    "henrici": lambda s: spectra.non_normality(s * G).henrici,
    "concentration": lambda s: spectra.concentration(s * G),
    "displaced": lambda s: (
        spectra.displaced(spectra.match_eigenvalues(s * G, s * G[::-1]), s).share
    ),
    "count": lambda s: spectra.count_above(
        spectra.singular_values(s * G), spectra.shuffled_edge(s * G, rng=rng()) / 2
    ),
    "angles": lambda s: subspaces.principal_angles(s * G[0, :, :3], G[1, :, :4]),
    "columns": lambda s: subspaces.principal_angles(G[0, :, :3] * [1, s, 1 / s], G[1, :, :4]),
    "covariance": lambda s: subspaces.principal_angles(
        nulls.covariance_subspaces(s * G[0] @ G[0].T, 3, rng=rng(), n_draws=2), G[1, :, :3]
    ),
    "spearman": lambda s: nulls.permuted_spearman(s * G[0], G[1], rng=rng(), n_draws=3),
    "layers": lambda s: [
        getattr(latent.layers(s * POINTS, ANSWER, rng=rng()), name)
        for name in ("ratio", "delta_bic", "n_modes")
    ],
    "plane": lambda s: np.concatenate(
        [np.abs(plane(s).normal).ravel(), plane(s).ambiguity, plane(s).width]
    ),
    "transient": lambda s: latent.transient_angles(s * PATHS, plane(1)),
    "sides": lambda s: (
        statistics.side(statistics.against(s * C).excess)
        == statistics.side(statistics.against(C).excess)
    ),
    "dimension": lambda s: attractor_dimension.kaplan_yorke(s * np.array([[0.3, -0.1, -2.0]])),
    "critical": lambda s: phase_diagram.critical_gain([1, 2], s * np.array([[-1.0, 2.0]])),
    "growth": lambda s: fixed_points(W, s * C, rng=rng()).growth_ode,
    "continuum": lambda s: (
        fixed_points(np.eye(3)[::-1], np.zeros(3), rng=rng(), n_starts=0, states=s * PATHS[0]).hits
    ),
    "modes": lambda s: linearise(W, np.ones((6, 1)), s * C, s * np.ones((1, 6))).eigenvalues.real,
    "exponents": lambda s: (
        lyapunov(
            W[None],
            np.broadcast_to(s * C, (1, 400, 6)),
            rng=rng(),
            n_exponents=6,
            transient=100,
            alignment=100,
        ).exponents
    ),
    "settled": lambda s: (
        steady_states(W[None], W[None], s * C[None], s * W[:2], rng=rng()).converged
    ),
    "penalty": lambda s: reservoir.ridge(
        reservoir.moments(s * G, s * G[:, :, :1], np.ones((2, 12))), 0.1
    ),
}
WITH_UNIT = {
    "norms": lambda s: np.concatenate(
        [v for name, v in spectra.non_normality(s * G)._asdict().items() if name != "henrici"]
    ),
    # Sorted, because which of a conjugate pair comes first is rounding.
    "displacement": lambda s: np.sort(spectra.match_eigenvalues(s * G, s * G[::-1]).displacement),
    "values": lambda s: spectra.singular_values(s * G),
    "edge": lambda s: spectra.shuffled_edge(s * G, rng=rng(), n_shuffles=3),
    "truncated": lambda s: spectra.truncate(s * G, 2),
    "gaussian": lambda s: nulls.gaussian_change(s * G, rng=rng()),
    "shuffled": lambda s: nulls.shuffled_change(s * G, rng=rng()),
    "rank matched": lambda s: nulls.rank_matched_change(s * G, 2, rng=rng()),
    "interval": lambda s: statistics.interval(s * C)[:3],
    "gap": lambda s: latent.layers(s * POINTS, ANSWER, rng=rng())[1:4],
    "points": lambda s: fixed_points(W, s * C, rng=rng()).rates,
    "enumeration": lambda s: enumerate_fixed_points(W, s * C).rates,
    "slow": lambda s: (
        slow_points(W[None], s * C[None], s * PATHS.reshape(1, 9, 6), activation=leaky_relu(0.1))[
            0
        ].fixed.rates
    ),
    "steady": lambda s: steady_states(W[None], W[None], s * C[None], s * W[:2], rng=rng()).rates,
}


@pytest.mark.parametrize("name", [*WITHOUT_UNIT, *WITH_UNIT])
@given(exponent=st.floats(-12, 12))
@settings(max_examples=8)
def test_the_unit_does_not_matter(name, exponent):
    scale = 10.0**exponent
    call, factor = (WITHOUT_UNIT[name], 1.0) if name in WITHOUT_UNIT else (WITH_UNIT[name], scale)
    one, other = np.asarray(call(1.0), dtype=float), np.asarray(call(scale), dtype=float)
    assert other / factor == pytest.approx(one, rel=1e-5, abs=1e-7, nan_ok=True)


@given(st.floats(-300, 300))
def test_an_array_without_its_unit_has_the_same_digits(exponent):
    x = G * 10.0**exponent
    bare, power = unitless(x, axis=(1, 2))
    assert (np.ldexp(bare, power) == x).all() and 0.5 <= np.abs(bare).max() < 1
