"""Train, judge and package convolutional networks for medical images."""

__version__ = "0.1.0"
