"""Geometry of the 3-D latent space: the two layers of the decision task, the plane of the
perception task.

Everything takes points that are already projected on three orthonormal directions.  All results
keep under rotation, reflection and translation of that space, as they must: DCA's columns are
defined up to a rotation.
"""

from typing import NamedTuple

import numpy as np
from sklearn.mixture import GaussianMixture

from taskrnn import checks
from taskrnn.analysis.units import unitless
from taskrnn.missing import Unmeasurable

# Mean angle in degrees, folded to [0, 90], of a random direction in 3-D: to a fixed line (and so to
# the normal of a plane) one radian, since |cos| is uniform; to a fixed plane its complement, 32.7.
RANDOM_TO_LINE = np.degrees(1.0)
RANDOM_TO_PLANE = 90 - RANDOM_TO_LINE
ROUNDING = 1e-6  # of the largest coordinate: steady states are kept in single precision


class Layers(NamedTuple):
    """How far the points fall into two layers, one per answer; see `layers`."""

    ratio: float
    gap: float
    thickness: float
    extent: float
    delta_bic: float
    n_modes: int


def layers(points, answer, *, rng):
    """Gap between the layers over their thickness, along the normal that separates them best (claim
    L1).

    The normal is Fisher's: of all directions the one for which the distance of the two class means
    is largest in units of the pooled standard deviation within the classes.  So ``ratio`` is that
    distance, the Mahalanobis distance of the means: wide flat layers have a large one, whatever
    their orientation.

    Along every direction a layer counts as at least 1 % of the extent thick.  Without that floor
    the ratio ignores scale, and a fold too faint to see, or rounding across a flat sheet, decides.

    One flat sheet cut in two is not layered, and its ratio is not 0: steady states that are linear
    in two inputs on a fine square grid, cut at the diagonal, give 2 sqrt(2) = 2.83.

    Parameters
    ----------
    points : ndarray of shape (condition, 3)
        Steady states of one network.  The BIC grows with their number: compare equal grids only.
    answer : ndarray of shape (condition,) ``sign(u1 - u2)``.  Equal inputs (0) belong to no layer,
        but count for the two modes: a square grid without its diagonal has a gap of its own.
    rng : numpy.random.Generator
        Starts of the two-Gaussian fit.

    Returns
    -------
    Layers
        ``ratio``; ``gap`` (of the means) and ``thickness`` (pooled standard deviation) along the
        normal and ``extent`` (root mean square distance from the centre), in units of activity;
        ``delta_bic``: BIC of one Gaussian minus that of two along the normal, above 0 if two are
        better; ``n_modes``: of the two-Gaussian fit, because two Gaussians also fit better than one
        to a flat or skewed heap with one mode.

    Raises
    ------
    Unmeasurable
        Both answers have the same steady states on average, as when no input moves the network: no
        direction separates them.
    """
    points, answer = checks.finite("points", points), checks.finite("answer", answer)
    if points.ndim != 2 or points.shape[1] != 3 or answer.shape != points.shape[:1]:
        raise ValueError(
            f"points {points.shape} must be (condition, 3) and answer {answer.shape} (condition,)."
        )
    points, unit = unitless(points)
    classes = points[answer > 0], points[answer < 0]
    if min(map(len, classes)) < 4:
        raise ValueError(
            "Fewer than 4 conditions have one of the answers: a layer's thickness needs 4 points."
        )
    apart = classes[0].mean(axis=0) - classes[1].mean(axis=0)
    within = sum((x - x.mean(axis=0)).T @ (x - x.mean(axis=0)) for x in classes) / (
        np.count_nonzero(answer) - 2
    )
    extent = np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean())
    if not np.linalg.norm(apart) > ROUNDING * np.abs(points).max():
        raise Unmeasurable("its steady states for both answers are the same on average")
    within += (0.01 * extent) ** 2 * np.eye(3)
    normal = np.linalg.solve(within, apart)
    normal /= np.linalg.norm(normal)
    gap, thickness = apart @ normal, np.sqrt(normal @ within @ normal)
    ratio, lengths = gap / thickness, np.ldexp([gap, thickness, extent], unit.item())
    return Layers(ratio, *lengths, *_bimodality(points @ normal, rng))


class Plane(NamedTuple):
    """Planes of a batch of networks.

    normal : ndarray of shape (network, 3), unit vectors
    line : ndarray of shape (network, 3), unit vectors in the plane, from one fixed point to the
        other
    ambiguity : ndarray of shape (network,), spread out of the plane over spread in it, both away
        from the line; 0 is a well determined plane, and near 1 any plane through the line would do
    width : ndarray of shape (network,), the larger of the two spreads over the distance of the
        fixed points
    """

    normal: np.ndarray
    line: np.ndarray
    ambiguity: np.ndarray
    width: np.ndarray


def plane_through(ends, path):
    """The plane that holds both fixed points and, of those, comes nearest to a path between them
    (claim L2).

    Two points fix a line, not a plane; a third must come from somewhere.  The origin of the
    activity will not do: the trial starts there, so the transient would lie in the plane by
    construction.  Here the path decides, by least squares.  For the note's picture the path is the
    noise-free activity that switches between the fixed points, start-up left out; for a plane that
    knows nothing of dynamics, the steady states for the inputs in between.

    Parameters
    ----------
    ends : ndarray of shape (network, 2, 3)
        The steady states for the inputs 0.5 and 0.8.
    path : ndarray of shape (network, time, 3)
        How long it rests in a fixed point does not matter: these points are in the plane anyway.

    Returns
    -------
    Plane
    """
    ends, path = _points(ends, "ends"), _points(path, "path")
    if ends.shape[:2] != (len(path), 2):
        raise ValueError(
            f"ends {ends.shape} must be (network, 2, 3), and path {path.shape} of the same "
            "networks."
        )
    unit = unitless(np.concatenate([ends, path], axis=1), axis=(1, 2))[1]
    ends, path = np.ldexp(ends, -unit), np.ldexp(path, -unit)
    line = ends[:, 1] - ends[:, 0]
    distance = np.linalg.norm(line, axis=1)
    if not distance.all():
        raise ValueError(
            f"Networks {np.flatnonzero(distance == 0).tolist()} have equal fixed points: no line."
        )
    line = line / distance[:, None]
    off = path - ends[:, :1]
    off = off - (off @ line[:, :, None]) * line[:, None]
    # The line is the direction without spread, so the second right singular vector is the normal.
    _, spread, directions = np.linalg.svd(off, full_matrices=False)
    inside, outside = spread[:, 0], spread[:, 1]
    straight = np.flatnonzero(inside <= 1e-9 * distance)
    if straight.size:
        raise ValueError(
            f"The paths of networks {straight.tolist()} never leave the line: use to_line only."
        )
    return Plane(
        normal=np.cross(line, directions[:, 0]),
        line=line,
        ambiguity=outside / inside,
        width=inside / np.sqrt(path.shape[1]) / distance,
    )


class TransientAngles(NamedTuple):
    """Angles in degrees, 0 to 90, each of shape (network,), and the share of the transient they
    speak for.
    """

    to_plane: np.ndarray
    to_line: np.ndarray
    straightness: np.ndarray


def transient_angles(transient, plane):
    """Angle of the start-up transient's leading direction to the plane, and to its line (claim L2).

    The leading direction is that of the largest sum of squared displacements from the transient's
    last point: about that point, and not about the mean, the tail in which the activity has arrived
    has no weight.

    Parameters
    ----------
    transient : ndarray of shape (network, time, 3)
        From the start of the trial until the activity has settled, noise-free.
    plane : Plane

    Returns
    -------
    TransientAngles
        ``to_plane``: a random direction has mean `RANDOM_TO_PLANE`, 32.7, and a uniform sine;
        ``to_line``: mean `RANDOM_TO_LINE`, 57.3, and a uniform cosine.  The line is always there,
        the plane may be ambiguous; the angle to the line is never the smaller.  ``straightness``:
        share of the squared displacement along the leading direction.
    """
    transient, _ = unitless(_points(transient, "transient"), axis=(1, 2))
    moves = np.ptp(transient, axis=1).max(axis=1) > 0
    if not moves.all():
        raise ValueError(
            f"The transients of networks {np.flatnonzero(~moves).tolist()} stay where they are and "
            "have no direction."
        )
    _, s, directions = np.linalg.svd(transient - transient[:, -1:], full_matrices=False)
    leading = directions[:, 0]

    def along(vector):
        return np.abs((leading * vector).sum(axis=1))

    def to(vector):
        # arctan2 keeps its precision at both ends, where arccos and arcsin lose it.
        return np.degrees(
            np.arctan2(np.linalg.norm(np.cross(leading, vector), axis=1), along(vector))
        )

    return TransientAngles(90 - to(plane.normal), to(plane.line), s[:, 0] ** 2 / (s**2).sum(axis=1))


def _bimodality(x, rng):
    # Standardised, because the mixture's floor on the variance is absolute.
    x = ((x - x.mean()) / x.std())[:, None]
    seed = int(rng.integers(2**31))
    one, two = (GaussianMixture(k, n_init=5, random_state=seed).fit(x) for k in (1, 2))
    grid = np.linspace(x.min(), x.max(), 2001)[:, None]
    slope = np.sign(np.diff(two.score_samples(grid)))
    rises, falls = np.append(1, slope) > 0, np.append(slope, -1) < 0
    return one.bic(x) - two.bic(x), int((rises & falls).sum())


def _points(points, name):
    points = checks.finite(name, points)
    if points.ndim != 3 or points.shape[2] != 3 or points.shape[1] < 2:
        raise ValueError(
            f"{name} must have shape (network, time, 3) with two points or more, not "
            f"{points.shape}."
        )
    return points
