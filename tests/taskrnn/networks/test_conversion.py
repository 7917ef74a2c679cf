"""Weights that others trained, and the other convention, against the steps of those others.

The network of the benchmark's PyTorch loop goes through the five lines of the docstring; what they
give is compared with the loop's own loss, PyTorch's step, its automatic derivatives, and networkx.
"""

import ast
import inspect
import itertools
import textwrap
from types import SimpleNamespace

import h5py
import keras
import networkx as nx
import numpy as np
import pytest
import scipy.io
import torch
from scipy.sparse import csr_array
from small_networks import competing, lexical

from benchmarks import sizes
from benchmarks.peers import pytorch_loop
from taskrnn.analysis.centrality import centralities
from taskrnn.analysis.dca.lag_covariances import lag_covariances
from taskrnn.analysis.dca.predictive_information import search
from taskrnn.analysis.fixed_points.enumeration import enumerate_fixed_points
from taskrnn.analysis.fixed_points.exact import fixed_points
from taskrnn.analysis.fixed_points.slow import slow_points
from taskrnn.analysis.stability.linearisation import linearise
from taskrnn.analysis.stability.lyapunov import lyapunov
from taskrnn.experiments import DECISION
from taskrnn.networks import conversion
from taskrnn.networks.activation import RELU, TANH
from taskrnn.networks.conversion import filtered, weights_from
from taskrnn.networks.network import Weights
from taskrnn.networks.rate import RateNetwork
from taskrnn.networks.simulation import outputs, simulate

FIVE_LINES, SOURCES, DRIVEN = (
    textwrap.dedent(block)
    for block in conversion.__doc__.split("\n\n")
    if block.startswith("    ") and ("weights_from(" in block or "lyapunov(" in block)
)
LIBRARY = {
    f.__name__: f
    for f in (weights_from, filtered, fixed_points, lyapunov, search, lag_covariances, centralities)
}
N_UNITS, SKIPPED = 20, 600  # steps before `lyapunov` counts


def as_float64(weights):
    return Weights(*(w.astype(float) for w in weights))


def quiet(n_units, alpha):
    return RateNetwork(n_units=n_units, input_sd=1, bias_sd=1, sigma=0, tau=1, dt=alpha)


# A network that PyTorch trained


@pytest.fixture(scope="module")
def trained():
    """The benchmark's network after 60 updates: its tensors by name, and the loss that the loop
    itself finds for them on its trials.
    """
    experiment = sizes.sized(DECISION, n_units=N_UNITS, n_trials=8, n_steps=50)
    updates = pytorch_loop.build(sizes.without_noise(experiment), [1])
    trials = sizes.trials(experiment, [1], place=0)
    before, _ = updates(trials, 1), updates(trials, 59)
    held = inspect.getclosurevars(inspect.getclosurevars(updates).nonlocals["update"]).nonlocals
    names = {"W": "recurrent", "W_in": "w_in", "b": "bias", "W_out": "readout"}
    state = {name: held[inside].detach()[0].clone() for name, inside in names.items()}
    loss = updates(trials, 1)
    assert loss < 0.7 * before
    return SimpleNamespace(state=state, trials=trials, loss=loss, alpha=experiment.network.alpha)


@pytest.fixture(scope="module")
def step(trained):
    """PyTorch's step of it, in double precision."""
    W, W_in, b = (trained.state[name].double() for name in ("W", "W_in", "b"))
    return lambda r, u: (1 - trained.alpha) * r + trained.alpha * torch.relu(W @ r + W_in @ u + b)


@pytest.fixture(scope="module")
def found(trained, step, tmp_path_factory):
    """The five lines, with what they start from."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((900, trained.state["W_in"].shape[1]))
    drive = torch.from_numpy(inputs)
    rates = list(itertools.accumulate(drive, step, initial=torch.zeros(N_UNITS).double()))[1:]
    path = tmp_path_factory.mktemp("network") / "network.npz"
    np.savez(path, **{name: tensor.numpy() for name, tensor in trained.state.items()})
    names = {"inputs": inputs, "rates": np.stack(rates), "alpha": trained.alpha, "rng": rng}
    names |= LIBRARY | {"np": np}
    exec(FIVE_LINES.replace("network.npz", str(path)), names)
    return SimpleNamespace(**names)


def test_the_loss_is_that_of_the_loop_which_trained_it(trained):
    weights = weights_from(trained.state, recurrent="W", input="W_in", bias="b", readout="W_out")
    inputs, targets, mask = trained.trials[:3]
    z = outputs(weights, simulate(weights, inputs, network=quiet(N_UNITS, trained.alpha)))
    loss = ((z - targets) ** 2 * mask[..., None]).sum() / (z.shape[-1] * mask.sum())
    assert loss == pytest.approx(trained.loss[0], rel=1e-4)


def test_the_weights_are_the_tensors_and_the_simulation_is_pytorchs(trained, found):
    for w, name in ((found.W, "W"), (found.W_in, "W_in"), (found.b, "b")):
        assert w.dtype == np.float32
        np.testing.assert_array_equal(w[0], trained.state[name].numpy())
    weights = as_float64(Weights(found.W, found.W_in, found.b, np.eye(N_UNITS)[None]))
    rates = simulate(weights, found.inputs[None], network=quiet(N_UNITS, trained.alpha))
    np.testing.assert_allclose(rates[0, 0], found.rates, atol=1e-12)


def test_its_fixed_points_rest_under_pytorchs_step(step, found):
    assert len(found.points.rates)
    for r in torch.from_numpy(found.points.rates):
        at_rest = step(r, torch.zeros(found.inputs.shape[1]).double())
        np.testing.assert_allclose(at_rest, r, atol=1e-9)


def test_its_lyapunov_exponent_is_that_of_automatic_derivatives(step, found):
    before = torch.from_numpy(np.concatenate([np.zeros((1, N_UNITS)), found.rates[:-1]]))
    frame, logs = torch.ones(N_UNITS, 1).double(), []
    for r, u in zip(before, torch.from_numpy(found.inputs), strict=True):
        J = torch.autograd.functional.jacobian(lambda r, u=u: step(r, u), r)
        frame, R = torch.linalg.qr(J @ frame)
        logs.append(R.diagonal().abs().log().numpy())
    expected = np.mean(logs[SKIPPED:]) / found.alpha
    assert found.exponents[0, 0] == pytest.approx(expected, abs=1e-4)  # from another first frame


def test_its_predictive_information_is_a_difference_of_gaussian_entropies(found):
    C = lag_covariances(found.rates, 10).C
    C = np.concatenate([C[:0:-1].mT, C])  # lags -9 to 9
    for V, pi in zip(found.predictive.subspaces[:3], found.predictive.pi[:3], strict=True):
        half, whole = (
            np.linalg.slogdet(
                np.block([[V.T @ C[9 + i - j] @ V for j in range(n)] for i in range(n)])
            ).logabsdet
            for n in (5, 10)
        )
        assert half - whole / 2 == pytest.approx(pi, rel=1e-6)


def test_its_centralities_are_networkxs(trained, found):
    strength = np.abs(trained.state["W"].double().numpy())
    graph = nx.DiGraph()
    graph.add_nodes_from(range(N_UNITS))
    for i, j in np.argwhere(strength):
        graph.add_edge(j, i, weight=strength[i, j], length=1 / strength[i, j])
    expected = {
        "in-strength": dict(graph.in_degree(weight="weight")),
        "out-strength": dict(graph.out_degree(weight="weight")),
        "eigenvector": nx.eigenvector_centrality_numpy(graph, weight="weight"),
        "PageRank": nx.pagerank(graph, tol=1e-12, max_iter=1000, weight="weight"),
        "betweenness": nx.betweenness_centrality(graph, weight="length"),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found.central[name][0], list(values.values()), rtol=1e-6)


# Where weights come from

RNG = np.random.default_rng(2)
J, B, b, Z = (0.4 * RNG.standard_normal(shape) for shape in ((6, 6), (6, 2), (6,), (1, 6)))
GIVEN = {"J": J, "B": B, "b": b, "Z": Z}
NAMED = {"recurrent": "J", "input": "B", "bias": "b", "readout": "Z"}


def pytorch_layer(nonlinearity):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.nn.RNN(2, 6, nonlinearity=nonlinearity)


def keras_layer(nonlinearity):
    layer = keras.layers.SimpleRNN(6, activation=nonlinearity)
    layer.build((None, None, 2))
    layer.set_weights([B.T, J.T, b])
    return layer


def same(found, expected, dtype):
    for w, e in zip(found, expected, strict=True):
        assert w.dtype == dtype and w.flags.c_contiguous
        np.testing.assert_array_equal(w[0], np.asarray(e, dtype))


def test_every_source_of_the_docstring(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layer, state = keras_layer("relu"), pytorch_layer("relu").state_dict()
    scipy.io.savemat("network.mat", {"J": J, "B": B, "b": b, "w": Z[0]})
    torch.save(state, "network.pt")
    names = LIBRARY | {"scipy": scipy, "torch": torch, "layer": layer, "J": J}
    matlab, pytorch, of_keras, plain = (
        eval(ast.unparse(line), names) for line in ast.parse(SOURCES).body
    )
    same(matlab, (J, B, b, Z), np.float64)
    W_in, W, b_in, b_hidden = (w.numpy() for w in state.values())
    same(pytorch, (W, W_in, b_in + b_hidden, np.eye(6)), np.float32)
    same(of_keras, (J, B, b, np.eye(6)), np.float32)
    same(plain, (J, np.eye(6), np.zeros(6), np.eye(6)), np.float64)


def test_what_no_docstring_says(tmp_path):
    with h5py.File(tmp_path / "network.mat", "w") as file:  # of MATLAB 7.3: axes are reversed
        file.update({"J": J.T, "B": B.T, "b": b[None], "Z": Z.T})
        same(weights_from(file, **NAMED, rows="sources"), (J, B, b, Z), np.float64)
    scipy.io.savemat(tmp_path / "structure.mat", {"net": GIVEN})
    structure = scipy.io.loadmat(tmp_path / "structure.mat", simplify_cells=True)["net"]
    same(weights_from(structure, **NAMED), (J, B, b, Z), np.float64)
    vectors = GIVEN | {"B": B[:, 0], "b": b[:, None], "Z": Z[0]}
    for rows, W in (("targets", J), ("sources", J.T)):
        found = weights_from(vectors | {"J": W}, **NAMED, rows=rows)
        same(found, (J, B[:, :1], b, Z), np.float64)
    integers = {name: np.round(10 * w).astype(np.int8) for name, w in GIVEN.items()}
    same(weights_from(integers, **NAMED), integers.values(), np.float64)
    halves = {name: w.astype(np.float16) for name, w in GIVEN.items()}
    same(weights_from(halves, **NAMED), halves.values(), np.float32)


def test_training_that_goes_on_does_not_change_the_weights():
    layer = pytorch_layer("relu")
    weights = weights_from(dict(layer.named_parameters()), recurrent="weight_hh_l0", bias=None)
    kept = weights.recurrent.copy()
    with torch.no_grad():
        layer.weight_hh_l0.add_(1)
    np.testing.assert_array_equal(weights.recurrent, kept)


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh"])
@pytest.mark.parametrize("library", ["PyTorch", "Keras"])
def test_layers_without_leak_have_alpha_one(library, nonlinearity):
    f = {"relu": RELU, "tanh": TANH}[nonlinearity]
    if library == "PyTorch":
        layer = pytorch_layer(nonlinearity)
        weights = weights_from(
            layer.state_dict(),
            recurrent="weight_hh_l0",
            input="weight_ih_l0",
            bias=("bias_ih_l0", "bias_hh_l0"),
        )

        def step(r, u):
            u, r = (torch.from_numpy(np.float32(x)[None]) for x in (u, r))
            return layer(u, r)[0].detach().numpy()[0]
    else:
        layer = keras_layer(nonlinearity)
        weights = weights_from(
            {w.name: w for w in layer.weights},
            recurrent="recurrent_kernel",
            input="kernel",
            bias="bias",
            rows="sources",
        )

        def step(r, u):
            return np.asarray(layer.cell(np.float32(u)[None], [np.float32(r)[None]])[0])[0]

    (W,), (W_in,), (bias,), _ = as_float64(weights)
    rng = np.random.default_rng(0)
    r, u = rng.standard_normal(6), rng.standard_normal(2)
    np.testing.assert_allclose(step(r, u), f.value(W @ r + W_in @ u + bias), atol=1e-6)
    c = W_in @ u + bias
    points = (
        fixed_points(W, c, alpha=1, rng=rng)
        if f is RELU
        else slow_points(W[None], c[None], r[None, None], activation=TANH, alpha=1)[0].fixed
    )
    assert len(points.rates)
    for r in points.rates:
        np.testing.assert_allclose(step(r, u), r, atol=1e-6)


# The other convention


def in_currents(W, c, x, f, alpha):
    """x_t for all t, the initial one first."""
    states = [x]
    for now in c:
        states.append((1 - alpha) * states[-1] + alpha * (W @ f(states[-1]) + now))
    return np.array(states)


@pytest.mark.parametrize("alpha", [0.1, 0.6, 1.0])
def test_the_filter_is_its_equation(alpha):
    u, v = np.random.default_rng(0).standard_normal((2, 3, 7, 2)), np.ones((2, 3, 2))
    found = filtered(u, alpha=alpha, initial=v)
    assert found.shape == (2, 3, 8, 2)
    for t in range(8):
        np.testing.assert_allclose(found[..., t, :], v, atol=1e-14)
        if t < 7:
            v = (1 - alpha) * v + alpha * u[..., t, :]


@pytest.mark.parametrize("alpha", [0.1, 0.6])
def test_currents_are_rates_behind_the_leak(alpha):
    """Also where W is singular, and from any state."""
    rng = np.random.default_rng(1)
    W = J - np.outer(J @ b, b) / (b @ b)
    inputs, start, network = rng.standard_normal((80, 2)), rng.standard_normal(6), quiet(6, alpha)
    c = inputs @ B.T + b

    weights = weights_from(GIVEN | {"J": W}, **NAMED)
    w = filtered(inputs, alpha=alpha)
    r = simulate(weights, w[None, :-1], network=network)[0, 0]
    x = in_currents(W, c, b, RELU.value, alpha)
    np.testing.assert_allclose(r @ W.T + w[1:] @ B.T + b, x[1:], atol=1e-12)

    v = filtered(c, alpha=alpha, initial=start)
    weights = weights_from({"J": W}, recurrent="J", bias=None)
    r = simulate(weights, v[None, :-1], network=network)[0, 0]
    x = in_currents(W, c, start, RELU.value, alpha)
    np.testing.assert_allclose(r @ W.T + v[1:], x[1:], atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_both_conventions_have_the_same_fixed_points_and_eigenvalues(seed):
    """All of them: those of x are solved for in every region."""
    W, c = competing(np.random.default_rng(seed), 6, 1.5)
    x = []
    for region in itertools.product([0.0, 1.0], repeat=6):
        one = np.linalg.solve(np.eye(6) - W * region, c)
        if ((one > 0) == np.array(region, bool)).all():
            x.append(one)
    r = enumerate_fixed_points(W, c).rates
    np.testing.assert_allclose(lexical(r @ W.T + c), lexical(np.array(x)), atol=1e-9)
    np.testing.assert_allclose(lexical(RELU.value(np.array(x))), lexical(r), atol=1e-9)
    found = linearise(W, np.zeros((6, 1)), c, r).eigenvalues
    for one, values in zip(r @ W.T + c, found, strict=True):
        expected = np.poly(W * RELU.slope(one))
        np.testing.assert_allclose(np.poly(values), expected, atol=1e-9)


@pytest.mark.parametrize("rank", [5, 3])
def test_both_conventions_have_the_same_lyapunov_exponents(rank):
    """The line of the docstring, for the whole spectrum. The stretches of both differ by factors
    that do not grow: their share falls as 1 / time.
    """
    rng, alpha = np.random.default_rng(3), 0.4
    W = rng.standard_normal((5, rank)) @ rng.standard_normal((rank, 5))
    inputs, W_in, bias = rng.standard_normal((5000, 2)), B[:5], b[:5]
    x = in_currents(W, inputs @ W_in.T + bias, np.zeros(5), np.tanh, alpha)[:-1]
    frame, logs = np.eye(5), []
    for slope in TANH.slope(x):
        frame, R = np.linalg.qr((1 - alpha) * frame + alpha * W @ (slope[:, None] * frame))
        logs.append(np.log(np.abs(R.diagonal())))
    expected = np.mean(logs[SKIPPED:], axis=0) / alpha
    names = {"W": W[None], "W_in": W_in[None], "b": bias[None], "inputs": inputs, "rng": rng}
    whole = DRIVEN.strip().removesuffix(")") + ", n_exponents=5, activation=TANH)"
    found = eval(whole, names | LIBRARY | {"alpha": alpha, "TANH": TANH})
    assert found.exponents[0] == pytest.approx(np.sort(expected)[::-1], abs=0.005)
    leak = np.isclose(found.exponents[0], np.log(1 - alpha) / alpha, atol=0.005)
    assert leak.sum() == 5 - rank


# At the door

HIDDEN = np.ma.masked_invalid(np.where(np.eye(6, dtype=bool), np.nan, J))


@pytest.mark.parametrize(
    ("changed", "asked", "says"),
    [
        ({"J": csr_array(J)}, {}, r"give arrays\['J'\].toarray\(\)"),
        ({"J": HIDDEN}, {}, "6 masked values"),
        ({"J": J + 0j}, {}, r"arrays\['J'\] is complex"),
        ({"J": J.astype(object)}, {}, "type object"),
        ({"J": np.where(J > 0.5, np.nan, J)}, {}, "finite"),
        ({"J": torch.from_numpy(J).bfloat16()}, {}, "no array of numbers"),
        ({"J": [[1.0, 2.0], [3.0]]}, {}, "no array of numbers"),
        (
            {"J": np.array([[(J,)]], dtype=[("J", object)])},
            {},
            "a structure of J: .*simplify_cells",
        ),
        (
            {"J": np.tile(J, (4, 1))},
            {},
            r"recurrent is arrays\['J'\] \(24, 6\) .*\(unit, unit\).*LSTM",
        ),
        ({"J": J[None]}, {}, "one network"),
        ({"J": np.empty((0, 0))}, {}, "one network"),
        (
            {"B": B.T},
            {},
            r"input is arrays\['B'\] \(2, 6\) .*\(unit, input\) with the 6 units.*rows='sources'",
        ),
        ({"B": B.T}, {"rows": "sources"}, r"'Z'\] \(1, 6\) .*\(unit, output\).*rows='targets'"),
        ({}, {"rows": "sources"}, r"\(input, unit\).*rows='targets'"),
        ({"B": B[:5]}, {}, r"\(unit, input\) with the 6 units of the recurrent weights\.$"),
        ({"Z": Z.T}, {}, r"\(output, unit\).*rows='sources'"),
        ({"Z": Z[:, :5]}, {}, r"\(output, unit\)"),
        ({"b": b[:5]}, {}, r"bias is arrays\['b'\] \(5,\) .*6 units"),
        ({"b": J}, {}, r"\(6, 6\) .*\(unit,\)"),
        ({"b": 0.5}, {}, r"'b'\] \(\) .*\(unit,\)"),
        (
            {"__header__": b""},
            {"bias": "bias"},
            r"bias is 'bias'; .*\('J', 'B', 'b', 'Z'\), or None",
        ),
        ({}, {"bias": ("b", "c")}, "bias is 'c'"),
        ({}, {"recurrent": J}, "recurrent is ndarray"),
        ({}, {"recurrent": None}, r"recurrent is None; .*'Z'\)\.$"),
        ({}, {"rows": "columns"}, "choose 'targets' or 'sources'"),
    ],
)
def test_what_is_no_network_is_refused_in_one_sentence(changed, asked, says):
    with pytest.raises(ValueError, match=says) as caught:
        weights_from(GIVEN | changed, **NAMED | asked)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("arrays", [J, pytorch_layer("relu")], ids=["matrix", "module"])
def test_arrays_without_names_are_refused(arrays):
    with pytest.raises(ValueError, match="a mapping from names to arrays"):
        weights_from(arrays, **NAMED)


@pytest.mark.parametrize(
    ("inputs", "asked", "says"),
    [
        (B, {"alpha": 0.0}, "above 0"),
        (B, {"alpha": 1.1}, "not above 1"),
        (b, {}, r"\(6,\) must be \(..., time, input\)"),
        (B * np.nan, {}, "finite"),
        (B, {"initial": np.zeros(3)}, r"initial \(3,\)"),
        (csr_array(B), {}, "sparse"),
    ],
)
def test_what_cannot_be_filtered_is_refused(inputs, asked, says):
    with pytest.raises(ValueError, match=says):
        filtered(inputs, **{"alpha": 0.1} | asked)
