"""What is trained for the chapter on oscillations: networks that read frequencies, and networks
that make them.
"""

from taskrnn.experiments import Experiment
from taskrnn.networks.rate import RateNetwork
from taskrnn.profiles import in_size
from taskrnn.tasks.frequency import Faster, Frequency
from taskrnn.tasks.sine import Sine
from taskrnn.training.settings import Training

ONE_INPUT = RateNetwork(n_units=128, input_sd=3**-0.5, bias_sd=3**-0.5)
TWO_INPUTS = RateNetwork(n_units=128, input_sd=0.5, bias_sd=0.5)
ALL = (
    Experiment(
        name="frequency",
        task=Frequency(),
        network=ONE_INPUT,
        training=Training(updates=1000),
        seed=2_300_000,
    ),
    # the same seeds, so that networks of the two are pairs
    Experiment(
        name="frequency_one_amplitude",
        task=Frequency(lowest=1.0, highest=1.0),
        network=ONE_INPUT,
        training=Training(updates=500),
        seed=2_300_000,
    ),
    Experiment(
        name="faster",
        task=Faster(),
        network=TWO_INPUTS,
        training=Training(updates=1500),
        seed=2_400_000,
    ),
    Experiment(
        name="sine",
        task=Sine(slow=1.0, fast=1.0),
        network=ONE_INPUT,
        training=Training(updates=500),
        seed=2_500_000,
    ),
    Experiment(
        name="sine_by_input",
        task=Sine(),
        network=ONE_INPUT,
        training=Training(updates=1000),
        seed=2_600_000,
    ),
)


def experiments(profile: str) -> list[Experiment]:
    """All five, in the size of the profile."""
    return [in_size(experiment, profile=profile) for experiment in ALL]
