"""The slow and obvious simulation."""

import math

import numpy as np


def plain_loop(weights, inputs, xi, network):
    """The equation of the note, one network, one trial, one step at a time."""
    k, (b, t, _) = len(weights.bias), inputs.shape
    alpha, slope, sigma = network.dt / network.tau, math.tan(network.theta), network.sigma
    rates = np.zeros((k, b, t, network.n_units))
    for i in range(k):
        for j in range(b):
            r = np.zeros(network.n_units)
            for s in range(t):
                x = weights.recurrent[i] @ r + weights.input[i] @ inputs[j, s] + weights.bias[i]
                if network.noise == "outside":
                    r = (
                        (1 - alpha) * r
                        + alpha * np.where(x > 0, x, slope * x)
                        + math.sqrt(2 * alpha) * sigma * xi[i, s, j]
                    )
                else:
                    x = x + math.sqrt(2 / alpha) * sigma * xi[i, s, j]
                    r = (1 - alpha) * r + alpha * np.where(x > 0, x, slope * x)
                rates[i, j, s] = r
    return rates
