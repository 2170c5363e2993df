"""The headers of `frontend/headers.json` on every answer of the distribution, and HTTPS for good."""

import json
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

SIGN_IN_PLACE = "{sign_in}"
CSP, TYPES, REFERRER = "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"
"""What CloudFront has a place of its own for, and does not take as just another header."""
_A_YEAR = Duration.days(365)


class SecurityHeaders(Construct):
    """`policy` overrides what the origin says; `sign_in` are the other origins that pages may talk to."""

    def __init__(self, scope: Construct, construct_id: str, *, prefix: str, file: Path, sign_in: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        headers = _headers(file, sign_in)
        csp, referrer = headers.pop(CSP), headers.pop(REFERRER)
        if headers.pop(TYPES) != "nosniff":
            raise ValueError(f"{file.name}: {TYPES} has one value only, nosniff")
        self.policy = cloudfront.ResponseHeadersPolicy(
            self,
            "Policy",
            response_headers_policy_name=f"{prefix}-headers",
            comment="What browsers may do on the pages of the dashboard",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=csp, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy[referrer.upper().replace("-", "_")], override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=_A_YEAR, include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in headers.items()
                ]
            ),
        )


def _headers(file: Path, sign_in: Sequence[str]) -> dict[str, str]:
    read: dict[str, str] = json.loads(file.read_text("utf-8"))
    origins = "".join(f" {origin}" for origin in sign_in)
    return {name: value.replace(SIGN_IN_PLACE, origins) for name, value in read.items()}
