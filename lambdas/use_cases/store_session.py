"""Keep a session that began: its tokens among the secrets, its end at the account."""

from dataclasses import replace

from lambdas.domain.accounts import Account
from lambdas.ports.broker_login import BrokerSession
from lambdas.ports.secrets import AccountSecret, Secrets
from lambdas.ports.store import AccountStore, Contended
from lambdas.use_cases.broker_accounts import account_of

ATTEMPTS = 3


async def store_session(
    accounts: AccountStore, secrets: Secrets, account: Account, secret: AccountSecret, session: BrokerSession
) -> Account:
    """Store `session` for an account whose present secret is `secret`; the account as it is then.

    The tokens come first: an account that says it is logged in has them. What else was changed about the account
    in the meantime stays. Raises AccountUnknown when it was unlinked, Contended when it changes again and again.
    """
    await secrets.write(account.user_id, account.account_id, AccountSecret(secret.credentials, session.tokens))
    for _ in range(ATTEMPTS):
        before = await account_of(accounts, account.user_id, account.account_id)
        after = replace(
            before, client_id=session.client_id, session_expires_at=session.expires_at, session_end_reason=""
        )
        if after == before or await accounts.change_account(before, after):
            return after
    raise Contended(f"account {account.account_id} is being changed by others; log in again")
