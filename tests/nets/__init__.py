"""Tests of the room nets, one file for each of its files."""
