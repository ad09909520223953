"""Tests of the warm kernels."""
