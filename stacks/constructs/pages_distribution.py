"""The one address of the dashboard: pages from the bucket, `/api` from the shared HTTP API."""

from pathlib import Path
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.acknowledge import acknowledge

EDGE: Final = Path(__file__).resolve().parent.parent / "edge"
API_PATH: Final = "/api"
_API_SECONDS: Final = Duration.seconds(35)
"""The gateway answers within 30 s, so it is never given up too early."""


class PagesDistribution(Construct):
    """At one address no browser asks before it calls the API, and the policy need not name it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        bucket: s3.IBucket,
        api_domain: str,
        headers: cloudfront.IResponseHeadersPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._prefix, self._headers = prefix, headers
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{prefix}: the dashboard",
            default_root_object="index.html",
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_200,
            default_behavior=self._pages(bucket),
            additional_behaviors={f"{API_PATH}/*": self._api(api_domain)},
        )
        self._explain()

    def _pages(self, bucket: s3.IBucket) -> cloudfront.BehaviorOptions:
        access = cloudfront.S3OriginAccessControl(self, "Access", origin_access_control_name=f"{self._prefix}-pages")
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(bucket, origin_access_control=access),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            response_headers_policy=self._headers,
            function_associations=[self._function("pages")],
        )

    def _api(self, domain: str) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                domain,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                read_timeout=_API_SECONDS,
            ),
            # Not redirected: what was sent in the clear is refused, not sent again.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # All that the browser sends, the token included; the gateway is known by its own host name.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._headers,
            function_associations=[self._function("api")],
        )

    def _function(self, name: str) -> cloudfront.FunctionAssociation:
        function = cloudfront.Function(
            self,
            f"Edge-{name}",
            function_name=f"{self._prefix}-{name}",
            code=cloudfront.FunctionCode.from_file(file_path=str(EDGE / f"{name}.js")),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.FunctionAssociation(function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)

    def _explain(self) -> None:
        for rule, reason in (
            ("AwsSolutions-CFR1", "Traders travel; every call is signed in, from wherever it comes."),
            ("AwsSolutions-CFR2", "Public code; the API behind it is throttled and asks for a token on every route."),
            (
                "AwsSolutions-CFR3",
                "Its log would hold the codes that sign-in and brokers bring back in the address; "
                "who called the API is in the access log of the API.",
            ),
            ("AwsSolutions-CFR4", "Without a domain of its own the certificate, and what it takes, is CloudFront's."),
        ):
            acknowledge(self.distribution, rule, reason)
