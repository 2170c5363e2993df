"""The dashboard on AWS: who reads its files, what browsers may do on it, what its pages are told."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import app
from shared_config import names
from shared_config.settings import load_settings
from stacks.constructs.pages_distribution import EDGE
from stacks.packaging import ROOT
from stacks.pages import NOT_BUILT, built_pages
from tests.stacks.synthesized import Synthesized, Template, text

COPIED = "Custom::CDKBucketDeployment"
SECRET = re.compile(r"secret|password|token|api_key|pin\b", re.IGNORECASE)


@pytest.fixture(params=["dev", "staging", "prod"])
def deployed(request: pytest.FixtureRequest, synthesized: Callable[[str], Synthesized]) -> Synthesized:
    """Each environment that is on AWS."""
    return synthesized(request.param)


def distribution(web: Template) -> dict[str, Any]:
    found: dict[str, Any] = web.only("AWS::CloudFront::Distribution")["DistributionConfig"]
    return found


def behaviour_of_api(web: Template) -> dict[str, Any]:
    (behaviour,) = distribution(web)["CacheBehaviors"]
    assert behaviour["PathPattern"] == "/api/*"
    found: dict[str, Any] = behaviour
    return found


def origin_of(web: Template, behaviour: dict[str, Any]) -> dict[str, Any]:
    (origin,) = (one for one in distribution(web)["Origins"] if one["Id"] == behaviour["TargetOriginId"])
    found: dict[str, Any] = origin
    return found


def headers(web: Template) -> dict[str, Any]:
    found: dict[str, Any] = web.only("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]
    return found


def policy_of(web: Template) -> dict[str, list[str]]:
    """The content security policy by its directives."""
    told = text(headers(web)["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    return {name: words for name, *words in (part.split() for part in told.split(";"))}


def settings_of_pages(web: Template) -> str:
    """Every value that goes into `/config.json`, as the deployment gets them."""
    return json.dumps([one.get("SourceMarkers", []) for one in web.of_type(COPIED).values()])


class TestFiles:
    def test_the_bucket_is_closed_and_encrypted(self, deployed: Synthesized) -> None:
        bucket = deployed.web.only("AWS::S3::Bucket")
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["BucketEncryption"]
        assert "WebsiteConfiguration" not in bucket
        assert "BucketName" not in bucket

    def test_this_distribution_alone_reads_it(self, deployed: Synthesized) -> None:
        policy = deployed.web.only("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
        (allowed,) = (statement for statement in policy if statement["Effect"] == "Allow")
        (of,) = deployed.web.of_type("AWS::CloudFront::Distribution")
        assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert allowed["Action"] == "s3:GetObject"
        assert text(allowed["Condition"]["StringEquals"]["AWS:SourceArn"]).endswith(f":distribution/<{of}>")

    def test_nothing_reads_it_in_the_clear(self, deployed: Synthesized) -> None:
        policy = deployed.web.only("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
        denied = [statement["Condition"] for statement in policy if statement["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied

    def test_the_distribution_signs_with_origin_access_control(self, deployed: Synthesized) -> None:
        origin = origin_of(deployed.web, distribution(deployed.web)["DefaultCacheBehavior"])
        assert origin["OriginAccessControlId"]
        assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}
        assert not deployed.web.of_type("AWS::CloudFront::CloudFrontOriginAccessIdentity")
        control = deployed.web.only("AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]
        assert control["SigningBehavior"] == "always"

    def test_assets_come_before_the_pages_that_name_them_and_stay(self, deployed: Synthesized) -> None:
        copied = deployed.web.whole(COPIED)
        (assets,) = (name for name, one in copied.items() if one["Properties"].get("DestinationBucketKeyPrefix"))
        (pages,) = copied.keys() - {assets}
        assert assets in copied[pages]["DependsOn"]
        assert [copied[name]["Properties"]["Prune"] for name in (assets, pages)] == [False, False]
        caching = {name: copied[name]["Properties"]["SystemMetadata"]["cache-control"] for name in (assets, pages)}
        assert "immutable" in caching[assets]
        assert caching[pages] == "no-cache"

    def test_no_source_map_is_deployed(self, deployed: Synthesized) -> None:
        folders = [file for file in Path(deployed.app.outdir).glob("asset.*") if (file / "index.html").is_file()]
        folders += [file for file in Path(deployed.app.outdir).glob("asset.*") if list(file.glob("index-*.js"))]
        assert len(folders) == 2
        names_in = {file.name for folder in folders for file in folder.rglob("*")}
        assert names_in == {"index.html", "theme.js", "index-abc.js"}


class TestApi:
    def test_nothing_of_the_api_is_kept(self, deployed: Synthesized) -> None:
        caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's id of the managed policy
        assert behaviour_of_api(deployed.web)["CachePolicyId"] == caching_disabled

    def test_the_token_goes_along_and_the_host_does_not(self, deployed: Synthesized) -> None:
        all_viewer_except_host = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
        assert behaviour_of_api(deployed.web)["OriginRequestPolicyId"] == all_viewer_except_host

    def test_it_is_the_shared_api_over_tls(self, deployed: Synthesized) -> None:
        origin = origin_of(deployed.web, behaviour_of_api(deployed.web))
        auth = deployed.settings.prefix(deployed.settings.modules.auth)
        exported = names.export_name(auth, names.EXPORT_HTTP_API_ID)
        region = deployed.settings.region
        assert text(origin["DomainName"]) == f"<export {exported}>.execute-api.{region}.<AWS::URLSuffix>"
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]

    def test_a_change_is_never_sent_again_over_tls_after_it_was_sent_in_the_clear(self, deployed: Synthesized) -> None:
        assert behaviour_of_api(deployed.web)["ViewerProtocolPolicy"] == "https-only"
        assert distribution(deployed.web)["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"

    def test_it_takes_all_methods_and_pages_take_two(self, deployed: Synthesized) -> None:
        assert {"GET", "PUT", "POST", "DELETE"} <= set(behaviour_of_api(deployed.web)["AllowedMethods"])
        assert distribution(deployed.web)["DefaultCacheBehavior"]["AllowedMethods"] == ["GET", "HEAD"]


class TestHeaders:
    def test_no_script_or_style_of_a_page_runs_but_those_of_its_files(self, deployed: Synthesized) -> None:
        policy = policy_of(deployed.web)
        assert policy["default-src"] == ["'none'"]
        assert policy["script-src"] == policy["style-src"] == ["'self'"]
        assert not [word for words in policy.values() for word in words if "unsafe" in word or word == "*"]
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == ["'none'"]

    def test_pages_talk_to_their_own_address_and_to_sign_in_only(self, deployed: Synthesized) -> None:
        auth, region = deployed.settings.prefix(deployed.settings.modules.auth), deployed.settings.region
        sign_in = f"https://{auth}-<AWS::AccountId>.auth.{region}.amazoncognito.com"
        own_account = f"https://cognito-idp.{region}.amazonaws.com"
        assert policy_of(deployed.web)["connect-src"] == ["'self'", sign_in, own_account]

    def test_pages_may_talk_to_where_they_change_a_password(self, deployed: Synthesized) -> None:
        endpoint = config_file(deployed)["auth"]["identity"]["endpoint"]
        assert endpoint.removesuffix("/") in policy_of(deployed.web)["connect-src"]

    def test_the_sign_in_is_where_the_auth_stack_makes_it(self, deployed: Synthesized) -> None:
        for domain in deployed.auth.of_type("AWS::Cognito::UserPoolDomain").values():
            sign_in = policy_of(deployed.web)["connect-src"][1]
            assert sign_in.startswith(f"https://{text(domain['Domain'])}.auth.")

    def test_https_is_for_good(self, deployed: Synthesized) -> None:
        told = headers(deployed.web)["SecurityHeadersConfig"]["StrictTransportSecurity"]
        assert told["AccessControlMaxAgeSec"] >= 31_536_000
        assert told["Override"] is True

    def test_every_header_of_the_file_is_sent_with_pages_and_with_the_api(self, deployed: Synthesized) -> None:
        file = json.loads((ROOT / "frontend" / "headers.json").read_text("utf-8"))
        custom = {item["Header"]: item["Value"] for item in headers(deployed.web)["CustomHeadersConfig"]["Items"]}
        own = headers(deployed.web)["SecurityHeadersConfig"]
        assert own["ContentTypeOptions"] == {"Override": True}
        assert own["ReferrerPolicy"]["ReferrerPolicy"] == file["Referrer-Policy"]
        special = {"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"}
        assert custom == {name: value for name, value in file.items() if name not in special}
        (policy,) = deployed.web.of_type("AWS::CloudFront::ResponseHeadersPolicy")
        behaviours = (distribution(deployed.web)["DefaultCacheBehavior"], behaviour_of_api(deployed.web))
        assert [one["ResponseHeadersPolicyId"] for one in behaviours] == [{"Ref": policy}] * 2


class TestConfiguration:
    def test_the_pages_are_told_no_secret(self, deployed: Synthesized) -> None:
        auth = deployed.settings.prefix(deployed.settings.modules.auth)
        told = settings_of_pages(deployed.web)
        assert names.export_name(auth, names.EXPORT_USER_POOL_CLIENT_ID) in told
        assert not SECRET.search(told.replace(names.EXPORT_USER_POOL_CLIENT_ID, ""))
        file = config_file(deployed)
        assert file["api"] == "/api"
        assert file["environment"] == deployed.settings.environment
        assert file["auth"].keys() == {"kind", "domain", "client_id", "scopes", "identity"}
        assert file["auth"]["kind"] == "hosted"
        assert file["auth"]["scopes"] == ["openid", "email", "aws.cognito.signin.user.admin"]

    def test_the_scopes_are_those_of_the_client(self, synthesized: Callable[[str], Synthesized]) -> None:
        dev = synthesized("dev")
        client = dev.auth.only("AWS::Cognito::UserPoolClient")
        assert config_file(dev)["auth"]["scopes"] == client["AllowedOAuthScopes"]

    def test_the_pages_are_told_the_password_policy_of_the_pool(self, deployed: Synthesized) -> None:
        policy = deployed.auth.only("AWS::Cognito::UserPool")["Policies"]["PasswordPolicy"]
        assert config_file(deployed)["auth"]["identity"]["password_policy"] == {
            "min_length": policy["MinimumLength"],
            "lowercase": policy["RequireLowercase"],
            "uppercase": policy["RequireUppercase"],
            "digits": policy["RequireNumbers"],
            "symbols": policy["RequireSymbols"],
        }

    def test_the_pages_offer_a_second_factor_where_the_pool_has_one(self, deployed: Synthesized) -> None:
        pool = deployed.auth.only("AWS::Cognito::UserPool")
        offered = config_file(deployed)["auth"]["identity"]["second_factor"]
        assert offered is (pool["MfaConfiguration"] != "OFF")

    def test_the_pages_know_how_long_a_sign_in_lasts(self, deployed: Synthesized) -> None:
        client = deployed.auth.only("AWS::Cognito::UserPoolClient")
        assert config_file(deployed)["auth"]["identity"]["refresh_days"] * 24 * 60 == client["RefreshTokenValidity"]


def config_file(deployed: Synthesized) -> dict[str, Any]:
    """`/config.json` before the deployment fills what it alone knows."""
    (file,) = Path(deployed.app.outdir).glob("asset.*/config.json")
    found: dict[str, Any] = json.loads(re.sub(r"<<marker:[^>]+>>", '"filled later"', file.read_text("utf-8")))
    return found


class TestEdge:
    @pytest.mark.parametrize(
        ("function", "asked", "gets"),
        [
            ("pages", "/", "/index.html"),
            ("pages", "/brokers/callback", "/index.html"),
            ("pages", "/theme.js", "/theme.js"),
            ("pages", "/config.json", "/config.json"),
            ("pages", "/assets/index-old.js", "/assets/index-old.js"),
            ("pages", "/assets/index", "/assets/index"),
            ("api", "/api/me", "/me"),
            ("api", "/api/strategies/api/x", "/strategies/api/x"),
            ("api", "/api/", "/"),
        ],
    )
    def test_a_path_leads_where_the_laptop_leads_it(self, function: str, asked: str, gets: str) -> None:
        code = (EDGE / f"{function}.js").read_text("utf-8")
        script = f"{code}\nconsole.log(handler({{ request: {{ uri: {json.dumps(asked)} }} }}).uri)"
        done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.strip() == gets

    def test_unknown_pages_are_no_errors_in_disguise(self, deployed: Synthesized) -> None:
        assert "CustomErrorResponses" not in distribution(deployed.web)


class TestStack:
    def test_what_it_imports_is_exported_by_the_auth_stack(self, deployed: Synthesized) -> None:
        exported = {
            output["Export"]["Name"] for output in deployed.auth.document["Outputs"].values() if "Export" in output
        }
        imported = set(re.findall(r'"Fn::ImportValue": "([^"]+)"', json.dumps(deployed.web.document)))
        assert imported
        assert imported <= exported

    def test_names_and_tags_are_by_the_scheme(self, deployed: Synthesized) -> None:
        prefix = deployed.settings.prefix("web")
        assert headers(deployed.web)["Name"].startswith(f"{prefix}-")
        for function in deployed.web.of_type("AWS::CloudFront::Function").values():
            assert function["Name"].startswith(f"{prefix}-")
        expected = {**deployed.settings.cost_tags, "environment": deployed.settings.environment}
        for kind in (
            "AWS::S3::Bucket",
            "AWS::CloudFront::Distribution",
            "AWS::Lambda::Function",
            "AWS::Logs::LogGroup",
        ):
            tags = {tag["Key"]: tag["Value"] for tag in deployed.web.only(kind)["Tags"]}
            assert expected.items() <= tags.items(), kind

    def test_its_log_is_kept_as_long_as_the_others(self, deployed: Synthesized) -> None:
        assert deployed.web.only("AWS::Logs::LogGroup")["RetentionInDays"] == deployed.settings.log_retention_days

    def test_a_stack_that_may_go_leaves_no_bucket_behind(self, deployed: Synthesized) -> None:
        kept = deployed.settings.removal_policy == "retain"
        (bucket,) = deployed.web.whole("AWS::S3::Bucket").values()
        assert bucket["DeletionPolicy"] == ("Retain" if kept else "Delete")
        assert {one["RetainOnDelete"] for one in deployed.web.of_type(COPIED).values()} == {kept}


class TestWithoutABuild:
    def test_the_others_are_deployed_and_it_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert built_pages(tmp_path) is None
        monkeypatch.setattr(app, "built_pages", lambda: None)
        assert app.pages_of(load_settings("dev")) is None
        assert capsys.readouterr().err.strip() == NOT_BUILT

    def test_a_laptop_serves_it_by_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(app, "built_pages", lambda: tmp_path)
        assert app.pages_of(load_settings("local")) is None
        assert app.pages_of(load_settings("dev")) == tmp_path
        assert capsys.readouterr().err == ""
