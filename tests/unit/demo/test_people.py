"""Who the demo's people are: names on our side, user names on the provider's."""

from dataclasses import asdict

from telehealth.demo.people import MEMBERS, accounts_from, new_accounts, new_password


def test_a_clients_user_name_and_address_do_not_say_their_name() -> None:
    for account in new_accounts():
        if account.role == "client":
            words = account.name.lower().split()
            assert not [word for word in words if word in account.user_name or word in account.email]


def test_every_account_has_secrets_of_its_own() -> None:
    accounts = [*new_accounts(), *new_accounts()]
    assert len({account.subject for account in accounts}) == 2 * len(MEMBERS)
    assert len({account.password for account in accounts}) == 2 * len(MEMBERS)


def test_passwords_are_long_enough_for_the_provider() -> None:
    assert all(len(new_password()) >= 10 for _ in range(100))


def test_what_is_kept_reads_back() -> None:
    accounts = new_accounts()
    assert accounts_from([asdict(account) for account in accounts]) == accounts
