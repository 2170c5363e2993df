"""`python -m sandbox`: the sandbox exchange with its admin, Kite and SmartAPI faces."""

import argparse
import sys
from pathlib import Path

import uvloop

from sandbox.accounts import demo_accounts
from sandbox.clock import SystemClock
from sandbox.exchange.replay import BadRecording
from sandbox.serve import PortInUse, bind, serve
from sandbox.world import DEFAULT_STEP_MS, build_world


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal. Exit code 2 for a port in use or a file that cannot be replayed."""
    options = _parser().parse_args(arguments)
    try:
        world = build_world(
            SystemClock(),
            seed=options.seed,
            continuous=not options.exchange_hours,
            replay=options.replay,
            step_ms=options.status_step_ms,
        )
        sockets = bind(options.port)
    except (BadRecording, PortInUse) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    if options.demo_accounts:
        for account in demo_accounts(options.port, options.redirect_url):
            world.add_account(account)
    uvloop.run(serve(world, sockets, access_log=options.access_log))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=9600, help="admin; Kite is port+1, SmartAPI port+2")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample prices")
    parser.add_argument("--replay", type=Path, metavar="CSV", help="recorded minutes for the NIFTY spot")
    hours = parser.add_mutually_exclusive_group()
    hours.add_argument("--continuous", action="store_true", help="open round the clock (the default)")
    hours.add_argument("--exchange-hours", action="store_true", help="open in the exchanges' hours only")
    parser.add_argument("--demo-accounts", action="store_true", help="one account at each broker")
    parser.add_argument(
        "--redirect-url", metavar="URL", help="where the apps of the demo accounts send back to after a login"
    )
    parser.add_argument(
        "--status-step-ms", type=int, default=DEFAULT_STEP_MS, help="time between transient order statuses"
    )
    parser.add_argument("--access-log", action="store_true", help="log every request")
    return parser


if __name__ == "__main__":
    sys.exit(main())
