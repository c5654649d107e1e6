"""The two folders at the top are the two packages: `spec/` is `scalingdsl.spec`, `engine/` is `scalingdsl.engine`."""

from setuptools import find_packages, setup

setup(packages=[f"scalingdsl.{folder}" for folder in find_packages(include=["spec*", "engine*"])])
