"""The command `salient`: everything a shell can do; results on stdout, everything else on stderr."""

from __future__ import annotations

import sys

import click

from app.cli.asking import ask, catalogue, explain
from app.cli.assisting import mcp
from app.cli.company import demo, import_, imports, templates, warehouse
from app.cli.embedding import embed
from app.cli.people import user
from app.cli.planning import schedule
from app.cli.printing import print_
from app.cli.refreshing import refresh
from app.cli.serving import doctor, run, serve, settings
from app.cli.tokens import token
from app.values.errors import Refusal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salient", prog_name="salient")
def salient() -> None:
    """Salient: how sales stand against budget and last year, each in their own rows."""


for command in (
    run, serve, embed, schedule, refresh, demo, import_, imports, templates, warehouse, ask, explain, catalogue,
    print_, user, token, settings, doctor, mcp,
):  # fmt: skip
    salient.add_command(command)


def main() -> None:
    """Run the command; a refusal is one plain sentence on stderr and exit code 1, wrong usage is 2."""
    try:
        salient.main(standalone_mode=False)
    except Refusal as refusal:
        print(refusal.sentence, file=sys.stderr)
        sys.exit(1)
    except click.UsageError as error:
        error.show(sys.stderr)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has had enough, as with `| head`.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)
