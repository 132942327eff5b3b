"""The two ceremonies of W3C Web Authentication, by PyPI `webauthn`: making a passkey, and proving that one is held.

Credentials are discoverable, the person is verified by the authenticator each time, and no attestation is asked for:
which make of device somebody owns is nobody's business.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from telehealth.errors import Forbidden, Invalid
from telehealth.passkeys.credentials import Credential
from telehealth.passkeys.rules import CHALLENGE_LIVES

TIMEOUT_MS = int(CHALLENGE_LIVES.total_seconds() * 1000)
MAX_CREDENTIAL_ID = 1023  # Web Authentication, section 5.8.3 and 7.1, step 25
MAX_TRANSPORTS = 8
VERIFIED = UserVerificationRequirement.REQUIRED

MALFORMED = "Your browser's answer did not arrive whole. Please try once more."
REFUSED = "This passkey was not accepted. Please try once more, or choose another way."

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """The relying party: `name` is shown by the browser, `origin` is scheme, host and port of the service."""

    name: str
    origin: str

    @property
    def rp_id(self) -> str:
        """The domain that a passkey is bound to."""
        return urlsplit(self.origin).hostname or ""


def options_to_add(
    site: Site, *, challenge: bytes, user_id: bytes, user_name: str, known: Sequence[Credential]
) -> dict[str, Any]:
    """What the browser needs to make a passkey, in JSON (PublicKeyCredentialCreationOptionsJSON)."""
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=user_id,
        user_name=user_name,
        user_display_name=user_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=VERIFIED,
        ),
        exclude_credentials=[_descriptor(credential) for credential in known],
    )
    return _as_json(options)


def options_to_use(site: Site, *, challenge: bytes, allowed: Sequence[Credential]) -> dict[str, Any]:
    """What the browser needs to prove a passkey; without `allowed` it offers every one it has for this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=[_descriptor(credential) for credential in allowed],
        user_verification=VERIFIED,
    )
    return _as_json(options)


def challenge_of(answer: Answer) -> bytes:
    """The challenge that a browser's answer says it is for; nothing is proven by it yet."""
    return _client_data(answer).challenge


def credential_id_of(answer: Answer) -> bytes:
    """The credential that a browser's answer names; nothing is proven by it yet."""
    try:
        return base64url_to_bytes(str(answer["rawId"]))
    except (KeyError, ValueError) as error:
        raise Invalid("passkey_malformed", MALFORMED) from error


def user_of(answer: Answer) -> bytes | None:
    """The user handle, which a discoverable credential sends: our person's id, if it is one of ours."""
    handle = _response(answer).get("userHandle")
    try:
        return base64url_to_bytes(handle) if isinstance(handle, str) and handle else None
    except ValueError as error:
        raise Invalid("passkey_malformed", MALFORMED) from error


def made(site: Site, answer: Answer, challenge: bytes) -> tuple[Credential, int]:
    """The new credential and its signature counter, after section 7.1; Forbidden when anything is wrong."""
    _refuse_frames(answer)
    try:
        found = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (
        Exception
    ) as error:  # hostile bytes reach CBOR, COSE and X.509 parsers here: whatever they raise means no
        raise Forbidden("passkey_refused", REFUSED) from error
    if len(found.credential_id) > MAX_CREDENTIAL_ID:
        raise Forbidden("passkey_refused", REFUSED)
    transports = _transports(_response(answer).get("transports"))
    return Credential(found.credential_id, found.credential_public_key, transports), found.sign_count


def proven(site: Site, answer: Answer, challenge: bytes, credential: Credential) -> int:
    """The signature counter of an answer that this credential signed, after section 7.2; Forbidden otherwise.

    Whether the counter moved on is for the caller: it has the row to compare with.
    """
    _refuse_frames(answer)
    try:
        found = webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=credential.key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # the same as above
        raise Forbidden("passkey_refused", REFUSED) from error
    return found.new_sign_count


def _refuse_frames(answer: Answer) -> None:
    """No page of ours is ever shown inside another site's; an answer that was given there is not for us."""
    if _client_data(answer).cross_origin:
        raise Forbidden("passkey_refused", REFUSED)


def _client_data(answer: Answer) -> CollectedClientData:
    try:
        return parse_client_data_json(base64url_to_bytes(_response(answer)["clientDataJSON"]))
    except Exception as error:  # whatever is no client data was not made by a browser
        raise Invalid("passkey_malformed", MALFORMED) from error


def _response(answer: Answer) -> Mapping[str, Any]:
    response = answer.get("response")
    if not isinstance(response, dict):
        raise Invalid("passkey_malformed", MALFORMED)
    return response


def _transports(said: object) -> tuple[str, ...]:
    """What the browser says of how the authenticator is reached: kept only where the words are known ones."""
    known = {transport.value for transport in AuthenticatorTransport}
    listed = said if isinstance(said, list) else []
    return tuple(word for word in listed[:MAX_TRANSPORTS] if isinstance(word, str) and word in known)


def _descriptor(credential: Credential) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(word) for word in credential.transports]
    return PublicKeyCredentialDescriptor(id=credential.id, transports=transports or None)


def _as_json(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return plain
