"""The claims of the first half that K3 and K4 ask again, of one kind of networks."""

import xarray as xr

from studies.ledger import Result
from studies.nonlinearity.claims import n1
from studies.predictive_subspaces.random_changes import random_changes
from studies.readout.claims import r1
from studies.regime.claims import g1
from studies.slow_points.claims import f2, f3
from studies.sparsity import small_measures as small
from studies.sparsity.experiments import names, of_kind
from studies.study import Study
from studies.subtle_changes.claims import s3
from studies.subtle_changes.measures import losses

N_STARTS, N_STEPS = 10, 20_000  # at most: less than in the chapter on the readout, to save time


def results(study: Study, kind: str) -> dict[str, Result]:
    """N1, S3, R1, F2, F3 and G1 judged of the networks of one kind, by claim.

    They are not recorded: the book's own words are those of its first half.
    """

    def of(measure, **settings) -> dict[str, xr.Dataset]:
        return of_kind(study.measure(measure, tasks=names(kind), **settings), kind)

    search = study.profile.search
    n_steps = min(N_STEPS, search["n_steps"])
    angles = of(small.angles, n_starts=min(N_STARTS, search["n_starts"]), n_steps=n_steps)
    # The number of weights is that of all networks, also of one that is missing.
    moved = {
        task: found.assign(n_weights=found.n_weights.max())
        for task, found in of(small.change).items()
    }
    points = of(small.points)
    judged = (
        n1(of_kind(study.networks, kind), moved),
        s3(of(small.rank), of(losses)),
        r1(angles, of(random_changes, n_steps=n_steps)),
        f2(points),
        f3(points),
        g1(of(small.exponents)),
    )
    return {result.claim: result for result in judged}
