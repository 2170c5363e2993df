"""Routes of one function on the shared API, known by its id so that any stack can add its own."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct


class ApiRoutes(Construct):
    """Each route asks for the user's token before the function sees the request; without an authorizer none does."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api_id: str,
        authorizer_id: str | None,
        function: lambda_.IFunction,
        routes: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(scope, construct_id)
        integration = apigateway.CfnIntegration(
            self,
            "Integration",
            api_id=api_id,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
        )
        for method, path in routes:
            apigateway.CfnRoute(
                self,
                f"{method} {path}",
                api_id=api_id,
                route_key=f"{method} {path}",
                authorization_type="NONE" if authorizer_id is None else "JWT",
                authorizer_id=authorizer_id,
                target=f"integrations/{integration.ref}",
            )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=Stack.of(self).format_arn(
                service="execute-api",
                resource=api_id,
                resource_name="*/*",
                arn_format=ArnFormat.SLASH_RESOURCE_NAME,
            ),
        )
