"""The HTTP API that every stack adds its routes to, and the authorizer that checks the user's token."""

import json
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from shared_config.settings import Settings
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.identity import Identity
from stacks.constructs.lifecycle import log_group

_ACCESS_LOG_FIELDS: Final = (
    "requestId",
    "requestTime",
    "routeKey",
    "status",
    "responseLatency",
    "integrationErrorMessage",
    "identity.sourceIp",
    "authorizer.error",
)


class SharedApi(Construct):
    """One API for the product: its origins, its throttle, its access log and its authorizer."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, prefix: str, identity: Identity
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"{prefix}-api",
            cors_preflight=_cors(settings),
            create_default_stage=False,
        )
        self._stage(settings)
        self.authorizer = apigateway.HttpAuthorizer(
            self,
            "Authorizer",
            authorizer_name=f"{prefix}-users",
            http_api=self.api,
            type=apigateway.HttpAuthorizerType.JWT,
            identity_source=["$request.header.Authorization"],
            jwt_audience=[identity.client.user_pool_client_id],
            jwt_issuer=identity.issuer,
        )

    def _stage(self, settings: Settings) -> None:
        stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=settings.api.requests_per_second,
                throttling_burst_limit=settings.api.burst,
            ),
        )
        if settings.features.access_logs:
            stage.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group(self, "AccessLog", settings=settings).log_group_arn,
                format=json.dumps({field: f"$context.{field}" for field in _ACCESS_LOG_FIELDS}),
            )
        else:
            for rule in ("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging"):
                acknowledge(stage, rule, "This environment switches access logs off.")


def _cors(settings: Settings) -> apigateway.CorsPreflightOptions | None:
    if not settings.cors_origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=list(settings.cors_origins),
        allow_methods=[
            apigateway.CorsHttpMethod.GET,
            apigateway.CorsHttpMethod.PUT,
            apigateway.CorsHttpMethod.POST,
            apigateway.CorsHttpMethod.DELETE,
        ],
        allow_headers=["authorization", "content-type"],
        max_age=Duration.hours(1),
    )
