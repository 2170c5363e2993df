"""Who signs in, how, and for how long."""

from tests.stacks.synthesized import Synthesized, text

POOL = "AWS::Cognito::UserPool"
CLIENT = "AWS::Cognito::UserPoolClient"


def test_people_sign_up_with_their_e_mail_and_a_long_password(each: Synthesized) -> None:
    pool = each.auth.only(POOL)
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def test_one_time_codes_are_offered_where_the_settings_say_so(each: Synthesized) -> None:
    pool = each.auth.only(POOL)
    if each.settings.features.multi_factor:
        assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    else:
        assert pool["MfaConfiguration"] == "OFF"


def test_a_password_goes_over_the_wire_on_a_laptop_only(each: Synthesized) -> None:
    flows = each.auth.only(CLIENT)["ExplicitAuthFlows"]
    assert "ALLOW_USER_SRP_AUTH" in flows
    assert ("ALLOW_USER_PASSWORD_AUTH" in flows) is (each.settings.environment == "local")


def test_the_dashboard_has_no_secret_and_gets_a_code_at_its_own_pages(each: Synthesized) -> None:
    client = each.auth.only(CLIENT)
    assert client["GenerateSecret"] is False
    assert "implicit" not in client.get("AllowedOAuthFlows", [])
    pages = [f"{origin}/signed-in" for origin in each.settings.cors_origins]
    assert client.get("CallbackURLs", []) == pages
    assert client.get("AllowedOAuthFlows", []) == (["code"] if pages else [])


def test_users_may_change_their_own_password_and_second_factor(each: Synthesized) -> None:
    scopes = each.auth.only(CLIENT).get("AllowedOAuthScopes", [])
    assert ("aws.cognito.signin.user.admin" in scopes) is bool(each.settings.cors_origins)


def test_without_an_origin_there_is_no_hosted_sign_in(each: Synthesized) -> None:
    assert bool(each.all_of_type("AWS::Cognito::UserPoolDomain")) is bool(each.settings.cors_origins)


def test_tokens_live_as_long_as_the_settings_say(each: Synthesized) -> None:
    client = each.auth.only(CLIENT)
    tokens = each.settings.tokens
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert client["AccessTokenValidity"] == tokens.access_minutes
    assert client["IdTokenValidity"] == tokens.id_minutes
    assert client["RefreshTokenValidity"] == tokens.refresh_days * 24 * 60
    assert client["EnableTokenRevocation"] is True


def test_the_authorizer_trusts_that_pool_and_client_only(each: Synthesized) -> None:
    (pool,) = each.auth.of_type(POOL)
    (client,) = each.auth.of_type(CLIENT)
    authorizer = each.auth.only("AWS::ApiGatewayV2::Authorizer")
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["JwtConfiguration"]["Audience"] == [{"Ref": client}]
    issuer = text(authorizer["JwtConfiguration"]["Issuer"])
    assert issuer == f"https://cognito-idp.{each.settings.region}.amazonaws.com/<{pool}>"
