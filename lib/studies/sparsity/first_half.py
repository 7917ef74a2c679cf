"""The claims of the first half that K3 and K4 ask again, of one kind of networks."""

import xarray as xr

from studies.ledger import Result
from studies.nonlinearity.claims import n1
from studies.nonlinearity.comparison import weight_changes
from studies.predictive_subspaces.random_changes import random_changes
from studies.readout.claims import r1
from studies.readout.measures import readout_angles
from studies.regime.claims import g1
from studies.regime.measures import regime
from studies.slow_points.claims import f2, f3
from studies.slow_points.measures import landscape
from studies.sparsity.experiments import names, of_kind
from studies.study import Study
from studies.subtle_changes.claims import s3
from studies.subtle_changes.measures import changes, losses
from taskrnn.activity.subspaces import subspaces
from taskrnn.variables import WHEN

N_STARTS, N_STEPS = 10, 20_000  # at most: less than in the chapter on the readout, to save time


def results(study: Study, kind: str) -> dict[str, Result]:
    """N1, S3, R1, F2, F3 and G1 judged of the networks of one kind, by claim.

    They are not recorded: the book's own words are those of its first half.
    """

    def of(measure, **settings) -> dict[str, xr.Dataset]:
        return of_kind(study.measure(measure, tasks=names(kind), **settings), kind)

    networks, search = of_kind(study.networks, kind), study.profile.search
    n_steps = min(N_STEPS, search["n_steps"])
    found = of(subspaces, when=WHEN, n_starts=min(N_STARTS, search["n_starts"]), n_steps=n_steps)
    angles = {task: readout_angles(networks[task], found[task]) for task in found}
    points = of(landscape)
    judged = (
        n1(networks, weight_changes(networks)),
        s3(of(changes), of(losses)),
        r1(angles, of(random_changes, n_steps=n_steps)),
        f2(points),
        f3(points),
        g1(of(regime)),
    )
    return {result.claim: result for result in judged}
