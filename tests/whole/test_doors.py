"""Whatever comes to a public function of the library, it answers or says in one sentence, by one
kind of error, what is wrong.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.sparse import csr_array

from studies.chaos import phase_diagram
from studies.chaos.counting import growth_rate
from taskrnn.analysis import centrality, nulls, reservoir, statistics, subspaces
from taskrnn.analysis import geometry as latent
from taskrnn.analysis import weights as spectra
from taskrnn.analysis.dca.lag_covariances import lag_covariances
from taskrnn.analysis.dca.predictive_information import predictive_information, search
from taskrnn.analysis.fixed_points import exact as fixed_points
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.fixed_points.steady import steady_states
from taskrnn.analysis.stability import attractor_dimension, lyapunov
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.ensembles.ensemble import ensemble
from taskrnn.ensembles.workers import Here
from taskrnn.missing import Unmeasurable
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import simulate
from taskrnn.profiles import experiment_named, profile_named
from taskrnn.tasks.trials import Schedule
from taskrnn.training.settings import Training

numbers = st.sampled_from(
    [0.0, 1.0, -1.0, 0.5, 2.0, 1e-300, 1e-30, 1e30, 1e300, math.nan, math.inf, -math.inf]
)
shapes = array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
real = st.one_of(
    arrays(np.float64, shapes, elements=numbers),
    arrays(np.float32, shapes, elements=st.sampled_from([0.0, 1.0, -0.5, math.nan, math.inf])),
    arrays(np.int64, shapes, elements=st.integers(-3, 3)),
    arrays(np.bool_, shapes),
    # The right kind of shape with wrong values: cubes and squares get further in.
    st.integers(1, 4).flatmap(lambda n: arrays(np.float64, (2, n, n), elements=numbers)),
    st.integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, n), elements=numbers)),
)
anything = st.one_of(
    real,
    # What is no array of real numbers, though it has a shape.
    arrays(np.complex128, shapes, elements=st.sampled_from([1j, 1.0, 2 - 1j])),
    arrays(np.object_, shapes, elements=st.sampled_from([None, 1.0, "a"])),
    st.integers(1, 4).map(lambda n: csr_array(np.eye(n))),
    st.integers(1, 4).map(
        lambda n: np.ma.masked_greater(np.arange(2.0 * n * n).reshape(2, n, n), 3)
    ),
    st.integers(1, 4).map(lambda n: np.ma.masked_less(np.arange(1.0 * n * n).reshape(n, n), 1)),
)


def rng():
    return np.random.default_rng(0)


DOORS = {
    "match_eigenvalues": lambda a, b: spectra.match_eigenvalues(a, b),
    "displaced": lambda a, b: spectra.displaced(
        spectra.match_eigenvalues(np.zeros((1, 2, 2)), np.zeros((1, 2, 2))), a
    ),
    "count_above": lambda a, b: spectra.count_above(a, b),
    "split_signs": lambda a, b: centrality.split_signs(a),
    "katz": lambda a, b: centrality.katz(a),
    "pagerank": lambda a, b: centrality.pagerank(a),
    "in_strength": lambda a, b: centrality.in_strength(a),
    "steady_states": lambda a, b: steady_states(
        a,
        np.ones((*a.shape[:-1], 1)),
        np.ones(a.shape[:-1]),
        np.ones((2, 1)),
        rng=rng(),
        max_steps=100,
    ),
    "transient_angles": lambda a, b: latent.transient_angles(
        a, latent.Plane(*np.eye(3)[:2, None], np.zeros(1), np.zeros(1))
    ),
    "moments": lambda a, b: reservoir.moments(a, b, np.ones(a.shape[:2])),
    "singular_values": lambda a, b: spectra.singular_values(a),
    "shuffled_edge": lambda a, b: spectra.shuffled_edge(a, rng=rng(), n_shuffles=2),
    "non_normality": lambda a, b: spectra.non_normality(a),
    "concentration": lambda a, b: spectra.concentration(a),
    "truncate": lambda a, b: spectra.truncate(a, 1),
    "centralities": lambda a, b: centrality.centralities(a),
    "eigenvector": lambda a, b: centrality.eigenvector(a),
    "betweenness": lambda a, b: centrality.betweenness(a),
    "rank_change": lambda a, b: centrality.rank_change(a, b),
    "lyapunov": lambda a, b: lyapunov.lyapunov(a, b, rng=rng(), transient=0, alignment=0),
    "fixed_points": lambda a, b: fixed_points.fixed_points(a, b, rng=rng(), n_starts=2),
    "enumerate_fixed_points": lambda a, b: enumerate_fixed_points(a, b),
    "slow_points": lambda a, b: slow_points(a, b, np.ones((2, 3, b.shape[-1] if b.ndim else 1))),
    "linearise": lambda a, b: linearise(
        a,
        b,
        np.zeros(a.shape[0] if a.ndim else 1),
        np.ones((2, a.shape[0] if a.ndim else 1)),
        n_modes=1,
    ),
    "kaplan_yorke": lambda a, b: attractor_dimension.kaplan_yorke(a),
    "entropy_rate": lambda a, b: attractor_dimension.entropy_rate(a),
    "phase_diagram": lambda a, b: phase_diagram.phase_diagram(
        a, b, [1.0], [0.0], rng=rng(), transient=0, n_steps=10
    ),
    "critical_gain": lambda a, b: phase_diagram.critical_gain(a, b),
    "growth_rate": lambda a, b: growth_rate(np.arange(a.shape[0] if a.ndim else 1), a),
    "run": lambda a, b: reservoir.run(a, b),
    "gaussian_change": lambda a, b: nulls.gaussian_change(a, rng=rng()),
    "shuffled_change": lambda a, b: nulls.shuffled_change(a, rng=rng()),
    "rank_matched_change": lambda a, b: nulls.rank_matched_change(a, 1, rng=rng()),
    "permuted_spearman": lambda a, b: nulls.permuted_spearman(a, b, rng=rng(), n_draws=2),
    "covariance_subspaces": lambda a, b: nulls.covariance_subspaces(a, 1, rng=rng(), n_draws=2),
    "principal_angles": lambda a, b: subspaces.principal_angles(a, b),
    "angle_to_subspace": lambda a, b: subspaces.angle_to_subspace(a, b),
    "interval": lambda a, b: statistics.interval(a),
    "against": lambda a, b: statistics.against(a, b),
    "paired": lambda a, b: statistics.paired(a, b),
    "layers": lambda a, b: latent.layers(a, b, rng=rng()),
    "plane_through": lambda a, b: latent.plane_through(a, b),
    "lag_covariances": lambda a, b: lag_covariances(a, 2),
    "predictive_information": lambda a, b: predictive_information(a, b),
    "search": lambda a, b: search(a, 1, rng=rng(), n_starts=1),
    "simulate": lambda a, b: simulate(
        Weights(
            np.zeros((1, 4, 4), "f"),
            np.zeros((1, 4, 2), "f"),
            np.zeros((1, 4), "f"),
            np.zeros((1, 1, 4), "f"),
        ),
        a,
        network=RateNetwork(n_units=4, input_sd=1.0, bias_sd=1.0),
        xi=b,
    ),
}


@pytest.mark.parametrize("door", DOORS)
@given(data=st.data())
@settings(max_examples=60)
def test_arrays_are_taken_or_refused_in_one_sentence(door, data):
    a = data.draw(anything)
    b = data.draw(st.one_of(st.just(a), anything))
    try:
        DOORS[door](a, b)
    except (ValueError, FloatingPointError) as refusal:
        # Activity that diverges is no bad input: these say so by another kind of error.
        assert type(refusal) in (ValueError, Unmeasurable) or (
            type(refusal) is FloatingPointError and door in ("lyapunov", "run")
        )
        assert "\n" not in str(refusal)
        assert len(str(refusal)) > 20, refusal


values = st.one_of(numbers, st.integers(-3, 400), st.none(), st.text(max_size=3))
SETTINGS = {
    "RateNetwork": lambda v: RateNetwork(**{"n_units": 8, "input_sd": 1.0, "bias_sd": 1.0} | v),
    "Training": lambda v: Training(**v),
    "Schedule": lambda v: Schedule(**v),
}
FIELDS = {
    "RateNetwork": [
        "n_units",
        "input_sd",
        "bias_sd",
        "gain",
        "gain_power",
        "readout",
        "noise",
        "sigma",
        "tau",
        "dt",
        "theta",
    ],
    "Training": ["updates", "trials_per_update", "learning_rate", "stop_error"],
    "Schedule": list(Schedule.__dataclass_fields__),
}


@pytest.mark.parametrize(
    ("door", "field"), [(door, field) for door, fields in FIELDS.items() for field in fields]
)
@given(value=values)
@settings(max_examples=30)
def test_settings_are_taken_or_refused_in_one_sentence(door, field, value):
    try:
        made = SETTINGS[door]({field: value})
    except ValueError as refusal:
        assert door in str(refusal) or "Training" in str(refusal) or field in str(refusal)
        assert "\n" not in str(refusal)
    else:  # what is taken can be used: it is a number of the right kind
        kept = getattr(made, field)
        assert (
            kept is None
            or isinstance(kept, str)
            or (math.isfinite(kept) and not isinstance(kept, bool))
        )


@pytest.mark.parametrize(
    "call",
    [experiment_named, profile_named, lambda name: ensemble(name, 1, data=".", executor=Here())],
)
@given(
    name=st.text().filter(lambda t: t not in ("perception", "decision", "smoke", "paper", "large"))
)
@settings(max_examples=20)
def test_names_that_do_not_exist_are_refused_with_those_that_do(call, name):
    with pytest.raises(ValueError, match="choose one of"):
        call(name)
