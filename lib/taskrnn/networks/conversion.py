"""Networks that others trained: their weights as this library takes them, and the other convention.

The weights of a file, its activity `rates` (time, unit) and `inputs` (time, input), in five lines:

    W, W_in, b, _ = weights_from(np.load("network.npz"), recurrent="W", input="W_in", bias="b")
    points = fixed_points(W[0], b[0], alpha=alpha, rng=rng)
    exponents = lyapunov(W, inputs @ W_in.mT + b, alpha=alpha, rng=rng).exponents
    predictive = search(lag_covariances(rates, 10).C, 3, rng=rng)
    central = centralities(W)

with `fixed_points` of `taskrnn.analysis.fixed_points.exact`, `lyapunov` of `stability.lyapunov`,
`search` and `lag_covariances` of `dca`, and `centralities` of `centrality`. Other sources differ in
the first line:

    weights_from(scipy.io.loadmat("network.mat"), recurrent="J", input="B", bias="b", readout="w")
    weights_from(
        torch.load("network.pt", weights_only=True),
        recurrent="weight_hh_l0",
        input="weight_ih_l0",
        bias=("bias_ih_l0", "bias_hh_l0"),
    )
    weights_from(
        {w.name: w for w in layer.weights},  # of Keras
        recurrent="recurrent_kernel",
        input="kernel",
        bias="bias",
        rows="sources",
    )
    weights_from({"J": J}, recurrent="J", bias=None)

PyTorch's `nn.RNN` and Keras' `SimpleRNN` have no leak: give alpha = 1, and exponents are per step.
Their f is tanh unless they were told otherwise; for it, and all but the (leaky) ReLU, the fixed
points are those of `fixed_points.slow`, which takes an `activation` as `lyapunov` does.

The equation of `taskrnn.networks.rate` is that of rates. The other convention is that of currents,

    x_t = (1 - alpha) x_{t-1} + alpha (W f(x_{t-1}) + c_t),   z_t = W_out f(x_t),   c = W_in u + b

and it is the same network in other variables (Miller and Fumarola 2012), with an input that the
leak has filtered and that comes a step later:

    v_t = (1 - alpha) v_{t-1} + alpha c_t
    r_t = (1 - alpha) r_{t-1} + alpha f(W r_{t-1} + v_{t-1})
    x_t = W r_t + v_t        for all t if for t = 0, as it is with r_0 = 0 and v_0 = x_0

So under constant input v = c: the fixed points are ``x* = W r* + c`` and ``r* = f(x*)``, with the
same eigenvalues (of W D and of D W), and the centralities are those of the same W. Under changing
input the Lyapunov exponents are the same with v for the drive:

    lyapunov(W, filtered(inputs @ W_in.mT + b, alpha=alpha)[:, :-1], alpha=alpha, rng=rng)

Not the same are the speeds, hence the slow points that are not fixed, and the activity: f(x_t) is
not r_t, so give DCA what you mean. A bias within f, as in ``f(x + b)``, is the one above if ``x +
b`` is called x.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from scipy.signal import lfilter

from taskrnn import checks
from taskrnn.networks.network import Weights


def weights_from(
    arrays: Mapping,
    *,
    recurrent: str,
    bias: str | tuple[str, ...] | None,
    input: str | None = None,
    readout: str | None = None,
    rows: Literal["targets", "sources"] = "targets",
) -> Weights:
    """The weights of one network, from named arrays of any library.

    Parameters
    ----------
    arrays : mapping from names to what NumPy takes for an array
        Of `numpy.load`, `scipy.io.loadmat`, a PyTorch `state_dict`, or a dict. Give the matrices
        that multiply the rates: masks and signs that are applied to the parameters belong to them.
    recurrent : str
        Name of the recurrent weights.
    bias : str, tuple of str, or None
        Name of the vector, (unit,), (unit, 1) or (1, unit), or of several that add up. None if the
        network has none; that has to be said, for a bias that is forgotten changes every result.
    input, readout : str, optional
        Names of the input weights and of the readout; for a single input or output they may be
        vectors. If not given, each unit has an input of its own, and the outputs are the rates.
    rows : {"targets", "sources"}
        With "targets" row i of the recurrent weights holds those to unit i, and the matrices are
        (unit, unit), (unit, input) and (output, unit): what is written ``W @ r``, here, in PyTorch
        and mostly in MATLAB. With "sources" row i holds the weights from unit i, and all three are
        transposed: what is written ``r @ W``, as in Keras, and files of MATLAB 7.3 read by `h5py`.
        A square matrix does not show it: if in doubt, compare a step with one of your own.

    Returns
    -------
    Weights
        Copies with a leading network axis of length 1 (`taskrnn.networks.network.stack` joins
        several), float64 if one of them is that, or of whole numbers, and else float32.

    Raises
    ------
    ValueError
        There is no such entry, it is no array of finite real numbers, or its shape does not fit.
    """
    if rows not in ("targets", "sources"):
        raise ValueError(f"rows is {rows!r}; choose 'targets' or 'sources'.")
    if not isinstance(arrays, Mapping):
        raise ValueError(
            f"The arrays come as a {type(arrays).__name__}; give a mapping from names to arrays, as"
            " numpy.load makes of .npz, loadmat of .mat and state_dict() of a PyTorch module."
        )
    W = _recurrent(arrays, recurrent, rows)
    n = len(W)
    found = Weights(
        recurrent=W,
        input=_matrix(arrays, "input", input, rows, n),
        bias=_bias(arrays, bias, n),
        readout=_matrix(arrays, "readout", readout, rows, n),
    )
    dtype = np.float64 if any(w.dtype.itemsize > 4 for w in found) else np.float32
    # Copies, because a tensor shares its memory, and training might go on in it.
    return Weights(*(np.array(w[None], dtype, order="C") for w in found))


def filtered(inputs: np.ndarray, *, alpha: float, initial: np.ndarray | float = 0.0) -> np.ndarray:
    """Inputs or currents u behind the leak, ``v_t = (1 - alpha) v_{t-1} + alpha u_t``.

    Parameters
    ----------
    inputs : ndarray of shape (..., time, input)
    alpha : float
        dt / tau, above 0 and at most 1.
    initial : ndarray of shape (..., input), or what broadcasts to it
        v_0.

    Returns
    -------
    ndarray of shape (..., time + 1, input), v_0 first

    Raises
    ------
    ValueError
        Shapes do not fit, a number is not finite, or alpha is out of its range.
    """
    u, start = checks.finite("inputs", inputs), checks.finite("initial", initial)
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha is {alpha}; dt / tau must lie above 0 and not above 1.")
    if u.ndim < 2:
        raise ValueError(f"inputs {u.shape} must be (..., time, input).")
    try:
        start = np.broadcast_to(start, u[..., 0, :].shape)[..., None, :]
    except ValueError:
        raise ValueError(
            f"initial {start.shape} must be (..., input), as the inputs {u.shape} without their "
            "time."
        ) from None
    after, _ = lfilter([alpha], [1, alpha - 1], u, axis=-2, zi=(1 - alpha) * start)
    return np.concatenate([start, after], axis=-2)


def _entry(arrays, role, name):
    """An entry in its own precision, and what is said of it if its shape is wrong."""
    if not isinstance(name, str) or name not in arrays:
        given = type(name).__name__ if hasattr(name, "shape") else repr(name)
        there = ", ".join(repr(key) for key in arrays if not str(key).startswith("__"))  # MATLAB's
        none = "" if role == "recurrent" else ", or None if the network has none"
        raise ValueError(f"{role} is {given}; give the name of an entry ({there}){none}.")
    value, called = arrays[name], f"arrays[{name!r}]"
    if fields := getattr(getattr(value, "dtype", None), "names", None):
        raise ValueError(
            f"{called} is a structure of {', '.join(fields)}: read it with "
            "loadmat(..., simplify_cells=True), and give it in place of the whole file."
        )
    if hasattr(value, "detach"):  # of PyTorch: NumPy takes none that gradients flow through
        value = value.detach().cpu()
    checks.finite(called, value)
    value = checks.array(called, value, dtype=None)
    return value, f"{role} is {called} {value.shape} and must be"


def _recurrent(arrays, name, rows):
    """The recurrent weights, targets in rows."""
    W, must_be = _entry(arrays, "recurrent", name)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not W.size:
        raise ValueError(
            f"{must_be} (unit, unit): one network, and not the gates of an LSTM or a GRU."
        )
    return W if rows == "targets" else W.T


def _matrix(arrays, role, name, rows, n_units):
    """Input weights or readout, targets in rows."""
    if name is None:
        return np.eye(n_units, dtype=np.float32)
    w, must_be = _entry(arrays, role, name)
    axes, of_units = (["unit", "input"], 0) if role == "input" else (["output", "unit"], 1)
    if w.ndim == 1:
        w = np.expand_dims(w, 1 - of_units)
    elif rows == "sources":
        w, axes = w.T, axes[::-1]
    if w.ndim != 2 or w.shape[of_units] != n_units or not w.size:
        other = "sources" if rows == "targets" else "targets"
        turned = w.ndim == 2 and w.shape[1 - of_units] == n_units
        hint = f"; it fits transposed: choose rows={other!r} if all matrices are so"
        raise ValueError(
            f"{must_be} ({', '.join(axes)}) with the {n_units} units of the recurrent weights"
            f"{hint if turned else ''}."
        )
    return w


def _bias(arrays, names, n_units):
    """The sum of the vectors of these names, (unit,)."""
    total = np.zeros(n_units, np.float32)
    for name in () if names is None else names if isinstance(names, tuple) else (names,):
        b, must_be = _entry(arrays, "bias", name)
        if b.shape not in ((n_units,), (n_units, 1), (1, n_units)):
            raise ValueError(
                f"{must_be} (unit,) with the {n_units} units of the recurrent weights."
            )
        total = total + b.ravel()
    return total
