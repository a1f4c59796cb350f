"""Tests of the room losses, one file for each of its files."""
