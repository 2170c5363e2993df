"""The dashboard on AWS: its files, its one address, and what its pages are told. Keeps nothing."""

from pathlib import Path
from typing import Any

from aws_cdk import Aws, CfnOutput, DefaultStackSynthesizer, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from shared_config import names
from shared_config.settings import Settings
from shared_config.sign_in import identity_of
from stacks.constructs.acknowledge import acknowledge, acknowledge_resource
from stacks.constructs.identity import SCOPES, identity_provider, sign_in_domain
from stacks.constructs.pages_bucket import PagesBucket
from stacks.constructs.pages_distribution import API_PATH, PagesDistribution
from stacks.constructs.security_headers import SecurityHeaders
from stacks.exports import imported
from stacks.pages import HEADERS


class WebStack(Stack):
    """Imports from the auth stack which client signs in, and which API is behind `/api`."""

    def __init__(self, scope: Construct, *, settings: Settings, pages: Path, **options: Any) -> None:
        prefix = settings.prefix(settings.modules.web)
        super().__init__(scope, prefix, **options)
        auth_prefix = settings.prefix(settings.modules.auth)
        sign_in = sign_in_domain(settings, auth_prefix)
        files = PagesBucket(
            self, "Files", settings=settings, pages=pages, config=_config(settings, auth_prefix, sign_in)
        )
        sign_in_origins = (f"https://{sign_in}", identity_provider(settings))
        headers = SecurityHeaders(self, "Headers", prefix=prefix, file=HEADERS, sign_in=sign_in_origins)
        api_id = imported(prefix=auth_prefix, name=names.EXPORT_HTTP_API_ID)
        site = PagesDistribution(
            self,
            "Site",
            prefix=prefix,
            bucket=files.bucket,
            api_domain=f"{api_id}.execute-api.{settings.region}.{Aws.URL_SUFFIX}",
            headers=headers.policy,
        )
        CfnOutput(
            self,
            "Address",
            value=f"https://{site.distribution.distribution_domain_name}",
            description="of the dashboard: add it to cors_origins and deploy the auth stack again",
        )
        self._explain_copying(files.bucket)

    def _explain_copying(self, bucket: s3.Bucket) -> None:
        """The function that copies files while the stack is deployed is CDK's own, with the grants of CDK."""
        (copying,) = (part for part in self.node.children if part.node.id.startswith("Custom::CDKBucketDeployment"))
        managed = "service-role/AWSLambdaBasicExecutionRole"
        for rule in (
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{managed}]",
            "AwsSolutions-L1",
            "Serverless-LambdaLatestVersion",
            "Serverless-LambdaDLQ",
            "Serverless-LambdaTracing",
        ):
            acknowledge(copying, rule, "CDK's own function, which runs only while the stack is deployed.")
        for action in ("GetBucket*", "GetObject*", "List*", "Abort*", "DeleteObject*"):
            acknowledge(copying, f"AwsSolutions-IAM5[Action::s3:{action}]", "As CDK grants reading and writing files.")
        prepared = f"cdk-{DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-{self.account}-{self.region}"
        for files in (f"arn:aws:s3:::{prepared}/*", bucket.arn_for_objects("*")):
            acknowledge_resource(copying, files, "It copies files of names that are not known before.")


def _config(settings: Settings, auth_prefix: str, sign_in: str) -> dict[str, Any]:
    """What `/config.json` says; nothing in it is secret. The shape is in `frontend/src/lib/config.ts`."""
    client_id = imported(prefix=auth_prefix, name=names.EXPORT_USER_POOL_CLIENT_ID)
    auth = {
        "kind": "hosted",
        "domain": sign_in,
        "client_id": client_id,
        "scopes": [scope.scope_name for scope in SCOPES],
        "identity": identity_of(settings, endpoint=f"{identity_provider(settings)}/"),
    }
    return {"environment": settings.environment, "region": settings.region, "api": API_PATH, "auth": auth}
