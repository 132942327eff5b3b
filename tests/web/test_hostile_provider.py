"""A provider that lies in its tokens: one test for each attack, and nobody is signed in by any of them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey

from telehealth.db.engine import Database
from tests.schema import fresh_sqlite
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import CLIENT_SECRET, LEFT_OUT, HostileProvider, by_hand, key_named, part


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """What a lie meets does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # by RFC 9864, under another name


async def refused(dance: Dance) -> str:
    """The code of the refusal; whoever comes back is nobody, and gets no cookie."""
    browser = await dance.site.browser()
    answer = await dance.sign_in(browser)
    assert answer.status_code == 403, answer.text
    assert await dance.session_of(browser) is None
    return code_of(answer)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_an_honest_provider_signs_somebody_in(
    dance: Dance, provider: HostileProvider, algorithm: str
) -> None:
    provider.algorithm = algorithm
    browser = await dance.come_in()
    session = await dance.session_of(browser)
    assert session is not None
    assert session.person.role == "client"


async def test_a_token_that_nobody_signed_is_refused(dance: Dance, provider: HostileProvider) -> None:
    provider.signed = lambda header, claims: f"{part({**header, 'alg': 'none'})}.{part(claims)}."
    assert await refused(dance) == "login_refused"


async def test_a_token_that_nobody_signed_is_refused_though_the_metadata_allow_it(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    provider.signed = lambda header, claims: f"{part({**header, 'alg': 'none'})}.{part(claims)}."
    assert await refused(dance) == "login_refused"


async def test_a_token_signed_with_the_shared_secret_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    secret = OctKey.import_key(CLIENT_SECRET, {"kid": "first"})
    provider.metadata = {"id_token_signing_alg_values_supported": ["HS256"]}
    provider.header = {"alg": "HS256"}
    provider.published = [key_named("first"), secret]  # even published it is no key that signs
    provider.signed = lambda header, claims: provider.sign(header, claims, secret)
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
async def test_an_algorithm_that_is_not_pinned_is_refused(
    dance: Dance, provider: HostileProvider, algorithm: str
) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": [algorithm]}
    provider.header = {"alg": algorithm}
    provider.claims = {"at_hash": LEFT_OUT}
    assert await refused(dance) == "login_refused"


async def test_a_wrong_signature_is_refused(dance: Dance, provider: HostileProvider) -> None:
    provider.signed = lambda header, claims: provider.sign(header, claims, key_named("somebody else's"))
    assert await refused(dance) == "login_refused"


async def test_claims_changed_after_signing_are_refused(dance: Dance, provider: HostileProvider) -> None:
    def tampered(header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, _, signature = provider.sign(header, claims).split(".")
        return f"{head}.{part({**claims, 'sub': 'somebody-else'})}.{signature}"

    provider.signed = tampered
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize(
    "lie", ["https://elsewhere.example", "{issuer}/", "", LEFT_OUT, None, ["{issuer}"]], ids=str
)
async def test_a_wrong_or_missing_issuer_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.claims = {"iss": lie.format(issuer=provider.issuer) if isinstance(lie, str) else lie}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("lie", ["another-client", ["another-client"], [], "", LEFT_OUT], ids=str)
async def test_a_wrong_or_missing_audience_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.claims = {"aud": lie}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("party", [LEFT_OUT, "another-client"], ids=str)
async def test_a_token_for_several_is_refused_unless_it_was_issued_to_us(
    dance: Dance, provider: HostileProvider, party: object
) -> None:
    several = ["telehealth", "another-client"]
    provider.claims = {"aud": several, "azp": party}
    assert await refused(dance) == "login_refused"
    provider.claims = {"aud": several, "azp": "telehealth"}
    await dance.come_in()


@pytest.mark.parametrize("lie", [LEFT_OUT, "", None, 248289761001, ["a"], "s" * 256, "sören"], ids=str)
async def test_a_wrong_or_missing_subject_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.claims = {"sub": lie}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("seconds", [120, -120])
async def test_a_token_from_another_time_is_refused(
    dance: Dance, provider: HostileProvider, seconds: int
) -> None:
    provider.claims = {"iat": int(dance.site.clock().timestamp()) + seconds}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize("lie", [LEFT_OUT, "1795420800", True, float("nan"), None], ids=str)
async def test_a_token_without_its_times_is_refused(
    dance: Dance, provider: HostileProvider, name: str, lie: object
) -> None:
    provider.claims = {name: lie}
    assert await refused(dance) == "login_refused"


async def test_an_expired_token_is_refused(dance: Dance, provider: HostileProvider) -> None:
    provider.claims = {"exp": int(dance.site.clock().timestamp()) - 61}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("lie", [LEFT_OUT, "", "of another sign-in", None], ids=str)
async def test_a_wrong_or_missing_nonce_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.claims = {"nonce": lie}
    assert await refused(dance) == "login_refused"


async def test_a_key_without_a_name_among_several_is_refused(dance: Dance, provider: HostileProvider) -> None:
    provider.header = {"kid": LEFT_OUT}
    await dance.come_in()  # with one key there is nothing to guess
    dance.know()
    provider.published = [key_named("second"), provider.key]
    assert await refused(dance) == "login_refused"
    nameless = provider.key.as_dict(private=True)
    del nameless["kid"]
    dance.know()
    provider.published = [type(provider.key).import_key(nameless), key_named("second")]
    assert await refused(dance) == "login_refused"


async def test_a_key_that_the_provider_does_not_publish_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.published = [key_named("second")]
    assert await refused(dance) == "login_refused"


async def test_a_key_for_encryption_signs_nothing(dance: Dance, provider: HostileProvider) -> None:
    secret = provider.key.as_dict(private=True)
    provider.published = [key_named("second"), type(provider.key).import_key({**secret, "use": "enc"})]
    assert await refused(dance) == "login_refused"


async def test_a_header_that_must_be_understood_and_is_not_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    def critical(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return by_hand(provider, {**header, "crit": ["special"], "special": 1}, claims)

    provider.signed = critical
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("lie", ["x" * 22, "", 7, None], ids=str)
async def test_a_bad_hash_of_the_access_token_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.claims = {"at_hash": lie}
    assert await refused(dance) == "login_refused"


@pytest.mark.parametrize("lie", ["somebody-else", LEFT_OUT, None, ""], ids=str)
async def test_userinfo_of_another_subject_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.userinfo = {"sub": lie, "email": "a@mail.example", "email_verified": True}
    assert await refused(dance) == "login_other_subject"


async def test_userinfo_never_stands_in_for_a_missing_token(dance: Dance, provider: HostileProvider) -> None:
    provider.tokens = {"id_token": LEFT_OUT}
    assert await refused(dance) == "login_without_identity"
    assert "GET /userinfo" not in provider.asked


@pytest.mark.parametrize("lie", ["", "a.b.c", "not a token", 7, None, {"sub": "x"}], ids=str)
async def test_what_is_no_token_at_all_is_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.tokens = {"id_token": lie}
    assert await refused(dance) in ("login_refused", "login_without_identity")


@pytest.mark.parametrize("claims", [[], "text", 7, None], ids=str)
async def test_a_token_whose_claims_are_no_object_is_refused(
    dance: Dance, provider: HostileProvider, claims: object
) -> None:
    provider.signed = lambda header, _: by_hand(provider, header, claims)  # type: ignore[arg-type]
    assert await refused(dance) == "login_refused"
