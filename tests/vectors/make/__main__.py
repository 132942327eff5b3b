"""`python -m tests.vectors.make`: write every vector of sealed values, indexes, notes and audit entries."""

from tests.vectors.make.folders import write

if __name__ == "__main__":
    write()
