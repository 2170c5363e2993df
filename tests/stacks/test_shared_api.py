"""One API, throttled, open to its own origins, with the user's token asked for on every route but the brokers'."""

from stacks.auth_stack import ACCOUNT_ROUTES
from stacks.constructs.postbacks import POSTBACK_ROUTES
from stacks.options_stack import PREVIEW_ROUTES, TRADING_ROUTES
from tests.stacks.synthesized import Synthesized

ROUTE = "AWS::ApiGatewayV2::Route"


def test_each_stack_brings_its_routes(each: Synthesized) -> None:
    in_options = (*TRADING_ROUTES, *PREVIEW_ROUTES, *POSTBACK_ROUTES)
    for stack, routes in ((each.auth, ACCOUNT_ROUTES), (each.options, in_options)):
        keys = {route["RouteKey"] for route in stack.of_type(ROUTE).values()}
        assert keys == {f"{method} {path}" for method, path in routes}


def test_no_route_is_open_but_the_one_for_brokers(each: Synthesized) -> None:
    for_brokers = {f"{method} {path}" for method, path in POSTBACK_ROUTES}
    closed = [route for route in each.all_of_type(ROUTE) if route["RouteKey"] not in for_brokers]
    assert len(closed) == len(each.all_of_type(ROUTE)) - 1
    for route in closed:
        assert route["AuthorizationType"] == "JWT"
        assert route["AuthorizerId"]


def test_routes_call_with_the_second_payload_format(each: Synthesized) -> None:
    for integration in each.all_of_type("AWS::ApiGatewayV2::Integration"):
        assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")


def test_the_api_alone_may_call_the_functions_behind_it(each: Synthesized) -> None:
    for (_, template), functions in zip(each.templates(), (1, 3), strict=True):
        permissions = [
            permission
            for permission in template.of_type("AWS::Lambda::Permission").values()
            if permission["Principal"] == "apigateway.amazonaws.com"
        ]
        assert len(permissions) == functions
        assert all(permission["SourceArn"] for permission in permissions)


def test_only_the_origins_of_the_dashboard_may_call_from_a_browser(each: Synthesized) -> None:
    api = each.auth.only("AWS::ApiGatewayV2::Api")
    assert ("CorsConfiguration" in api) is bool(each.settings.cors_origins)
    if each.settings.cors_origins:
        cors = api["CorsConfiguration"]
        assert cors["AllowOrigins"] == list(each.settings.cors_origins)
        assert "authorization" in cors["AllowHeaders"]
        assert set(cors["AllowMethods"]) == {"GET", "PUT", "POST", "DELETE"}


def test_the_stage_is_throttled_and_logged_as_the_settings_say(each: Synthesized) -> None:
    stage = each.auth.only("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": each.settings.api.requests_per_second,
        "ThrottlingBurstLimit": each.settings.api.burst,
    }
    assert ("AccessLogSettings" in stage) is each.settings.features.access_logs


def test_the_access_log_holds_no_token(prod: Synthesized) -> None:
    logged = prod.auth.only("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]["Format"]
    assert "status" in logged
    assert "uthorization" not in logged
    assert "claims" not in logged
