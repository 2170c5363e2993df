"""Who the users are: the user pool and the application that signs in to it."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from shared_config.settings import Settings
from shared_config.sign_in import PASSWORDS
from stacks.constructs.acknowledge import acknowledge
from stacks.constructs.lifecycle import removal_policy

SIGNED_IN_PATH = "/signed-in"
SCOPES = (cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.COGNITO_ADMIN)
"""The last one lets users change what is theirs: the password and the authenticator app."""


def sign_in_domain(settings: Settings, prefix: str) -> str:
    """The host name of the hosted sign-in of the auth stack with this prefix."""
    return f"{_domain_prefix(prefix)}.auth.{settings.region}.amazoncognito.com"


def identity_provider(settings: Settings) -> str:
    """The origin of the identity provider's own operations, which a browser calls with the user's access token."""
    return f"https://cognito-idp.{settings.region}.amazonaws.com"


def _domain_prefix(prefix: str) -> str:
    # The domain is one name space for all AWS accounts of a region.
    return f"{prefix}-{Aws.ACCOUNT_ID}"


class Identity(Construct):
    """E-mail sign-up and sign-in, with the authorization code flow and PKCE for the dashboard."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, prefix: str) -> None:
        super().__init__(scope, construct_id)
        self.pool = self._pool(settings, prefix)
        self.client = self._client(settings, prefix)
        # Composed: the pool's attribute ProviderURL, which says the same, does not exist on a laptop.
        self.issuer = f"{identity_provider(settings)}/{self.pool.user_pool_id}"
        if settings.cors_origins:
            self.pool.add_domain(
                "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=_domain_prefix(prefix))
            )

    def _pool(self, settings: Settings, prefix: str) -> cognito.UserPool:
        multi_factor = settings.features.multi_factor
        pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=f"{prefix}-users",
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=PASSWORDS.min_length,
                require_lowercase=PASSWORDS.lowercase,
                require_uppercase=PASSWORDS.uppercase,
                require_digits=PASSWORDS.digits,
                require_symbols=PASSWORDS.symbols,
            ),
            mfa=cognito.Mfa.OPTIONAL if multi_factor else cognito.Mfa.OFF,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False) if multi_factor else None,
            deletion_protection=settings.features.deletion_protection,
            removal_policy=removal_policy(settings),
        )
        acknowledge(pool, "AwsSolutions-COG2", "A one-time code is each user's choice.")
        acknowledge(pool, "AwsSolutions-COG3", "Threat protection needs the dearer Plus plan, priced by user.")
        acknowledge(pool, "AwsSolutions-COG8", "Nothing that only the Plus plan offers is used.")
        return pool

    def _client(self, settings: Settings, prefix: str) -> cognito.UserPoolClient:
        """No secret: a browser cannot keep one, PKCE takes its place.

        Without an origin of the dashboard there is nowhere to return to, so the hosted sign-in stays off.
        """
        pages = [f"{origin}{SIGNED_IN_PATH}" for origin in settings.cors_origins]
        return self.pool.add_client(
            "Client",
            user_pool_client_name=f"{prefix}-dashboard",
            generate_secret=False,
            auth_flows=cognito.AuthFlow(user_srp=True, user_password=settings.environment == "local"),
            disable_o_auth=not pages,
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=list(SCOPES),
                callback_urls=pages,
                logout_urls=list(settings.cors_origins),
            )
            if pages
            else None,
            access_token_validity=Duration.minutes(settings.tokens.access_minutes),
            id_token_validity=Duration.minutes(settings.tokens.id_minutes),
            refresh_token_validity=Duration.days(settings.tokens.refresh_days),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
        )
