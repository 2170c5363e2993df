"""The CDK application: read the settings of one environment, compose the stacks.

`-c env=NAME` chooses the environment (default `local`), `-c set='{"timing.lead_seconds": 20}'` replaces
single settings, `-c nag=true` runs the security checks with the synthesis.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Environment, Stack, Tags, Validations

from shared_config.settings import Settings, SettingsError, load_settings
from stacks.auth_stack import AuthStack
from stacks.options_stack import OptionsStack
from stacks.packaging import Package, PackagingError, package_functions
from stacks.pages import NOT_BUILT, built_pages
from stacks.web_stack import WebStack

UNUSABLE: Final = 2


def settings_from(app: App) -> Settings:
    """The settings that the context asks for. Raises SettingsError."""
    environment = app.node.try_get_context("env") or "local"
    return load_settings(str(environment), overrides=_overrides(app.node.try_get_context("set")))


def _overrides(context: Any) -> dict[str, Any]:
    """The CLI hands over a text, a context file an object."""
    try:
        overrides = json.loads(context) if isinstance(context, str) else context or {}
    except json.JSONDecodeError as error:
        raise SettingsError(f"-c set=… is not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(overrides, dict):
        raise SettingsError('-c set=… must be a JSON object of dotted keys, like {"timing.lead_seconds": 20}')
    return overrides


def compose(
    app: App, settings: Settings, package: Package, pages: Path | None = None
) -> tuple[AuthStack, OptionsStack]:
    """The stacks of one environment, tagged; with a built dashboard in `pages`, the web stack too."""
    options: dict[str, Any] = {
        "env": Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=settings.region),
        "termination_protection": settings.removal_policy == "retain",
    }
    auth = AuthStack(app, settings=settings, code=package.code(), **options)
    trading = OptionsStack(app, settings=settings, code=package.code(), **options)
    # Only the order of deployment; what is shared goes by export name.
    trading.add_stack_dependency(auth)
    _tag([auth, trading], settings)
    if pages is not None:
        web = WebStack(app, settings=settings, pages=pages, **options)
        web.add_stack_dependency(auth)
        _tag([web], settings)
    return auth, trading


def pages_of(settings: Settings) -> Path | None:
    """The built dashboard to deploy. A laptop serves it by itself; elsewhere, where it is not built, this is said."""
    if settings.environment == "local":
        return None
    pages = built_pages()
    if pages is None:
        print(NOT_BUILT, file=sys.stderr)
    return pages


def _tag(stacks: list[Stack], settings: Settings) -> None:
    for stack in stacks:
        for key, value in {**settings.cost_tags, "environment": settings.environment}.items():
            Tags.of(stack).add(key, value)


def check_security(app: App) -> None:
    """Let the synthesis fail on findings that nobody gave a reason for."""
    # Loading the rules takes seconds, so only when asked.
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def main() -> int:
    """Synthesize; on settings or code that cannot be used, say so in one message."""
    app = App(analytics_reporting=False)
    try:
        settings = settings_from(app)
        package = package_functions(with_dependencies=settings.environment != "local")
    except (SettingsError, PackagingError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    compose(app, settings, package, pages_of(settings))
    if app.node.try_get_context("nag") in (True, "true"):
        check_security(app)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
