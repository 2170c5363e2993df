"""The files of the dashboard in a bucket that only the distribution reads, and what the pages are told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.lifecycle import log_group, removal_policy

ASSETS: Final = "assets"
_FOR_EVER: Final = (
    deployment.CacheControl.set_public(),
    deployment.CacheControl.max_age(Duration.days(365)),
    deployment.CacheControl.immutable(),
)
_ANEW: Final = (deployment.CacheControl.no_cache(),)
_NOT_FOR_BROWSERS: Final = ("*.map", "**/*.map", ".vite", ".vite/**")


class PagesBucket(Construct):
    """First the assets, which have names of their content, then the pages that name them.

    Assets of earlier builds stay: somebody has a page of an earlier build open and loads the rest of it later.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, pages: Path, config: Mapping[str, Any]
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            removal_policy=removal_policy(settings),
        )
        acknowledge(self.bucket, "AwsSolutions-S1", "Public code, read by the distribution only; nothing to trace.")
        self._settings = settings
        self._logs = log_group(self, "DeploymentLogs", settings=settings)
        left_out = [*_NOT_FOR_BROWSERS, ASSETS, f"{ASSETS}/**"]
        assets = self._deploy(
            "Assets",
            deployment.Source.asset(str(pages / ASSETS), exclude=list(_NOT_FOR_BROWSERS)),
            caching=_FOR_EVER,
            below=ASSETS,
        )
        rest = self._deploy(
            "Pages",
            deployment.Source.asset(str(pages), exclude=left_out),
            deployment.Source.json_data("config.json", config),
            caching=_ANEW,
        )
        rest.node.add_dependency(assets)

    def _deploy(
        self,
        construct_id: str,
        *sources: deployment.ISource,
        caching: tuple[deployment.CacheControl, ...],
        below: str | None = None,
    ) -> deployment.BucketDeployment:
        return deployment.BucketDeployment(
            self,
            construct_id,
            sources=list(sources),
            destination_bucket=self.bucket,
            destination_key_prefix=below,
            cache_control=list(caching),
            prune=False,
            # An empty bucket can be removed with its stack.
            retain_on_delete=self._settings.removal_policy == "retain",
            memory_limit=512,
            log_group=self._logs,
        )
