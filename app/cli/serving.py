"""`salient run | serve | settings | doctor`: the processes, and what they are set to."""

from __future__ import annotations

import click

from app.config import described, is_secret, read_settings


@click.command()
@click.option("--port", type=int, help="Port on loopback (default: the setting, 8050).")
def run(port: int | None) -> None:
    """The demo, on this machine only: builds the company on first use, then starts web and scheduler."""
    from app.running import run_here

    run_here(read_settings(), port)


@click.command()
@click.option("--port", type=int, help="Port to listen on (default: the setting).")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Worker processes.")
def serve(port: int | None, workers: int) -> None:
    """The production server: refuses to start with weak settings."""
    from app.running import serve_production

    serve_production(read_settings(), port, workers)


@click.command()
def settings() -> None:
    """Every setting, its meaning and its value now."""
    now = read_settings()
    for name, meaning, default in described():
        value = getattr(now, name.removeprefix("SALIENT_").lower())
        shown = "(set)" if value and is_secret(name) else "" if value is None else str(value)
        print(f"{name}={shown}")
        print(f"    {meaning} Default: {default if default not in (None, ()) else 'none'}.")


@click.command()
def doctor() -> None:
    """Look at the workspace and say what is well and what is not."""
    from app.running import examine

    sick = False
    for name, well, words in examine(read_settings()):
        sick = sick or not well
        print(f"{'ok  ' if well else 'BAD '} {name}: {words}")
    if sick:
        raise click.exceptions.Exit(1)
