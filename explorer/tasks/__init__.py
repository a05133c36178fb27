"""Sequences to run networks on."""
