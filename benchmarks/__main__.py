"""Find the commands, read the command line and run one of them."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Run the command that the command line names, and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure this code beside what it is compared with. Nothing is asserted.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for found in pkgutil.iter_modules(benchmarks.__path__):
        if found.name.startswith("_"):
            continue
        module = importlib.import_module(f"benchmarks.{found.name}")
        description = str(module.__doc__)
        command = commands.add_parser(
            found.name.replace("_", "-"),
            help=description.partition("\n")[0],
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    arguments = parser.parse_args()
    exit_code: int = arguments.run(arguments)
    return exit_code


sys.exit(main())
