"""Access tokens: what is not one of ours, good and live, is refused the same way."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.testclient import TestClient

from tenants import clock, tokens
from tests.identity.steps import SignedUp, meddle, sign_up


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    """Tokens that differ from a good one in one thing."""

    def __init__(self, studio: SignedUp) -> None:
        self.studio = studio
        self.good = studio.owner.tokens["access_token"]
        self.header = jwt.get_unverified_header(self.good)
        self.claims = jwt.decode(self.good, options={"verify_signature": False})
        self.ours = tokens.signing_keys()[0].private
        self.theirs = Ed25519PrivateKey.generate()
        self.rsa = rsa.generate_private_key(65537, 2048)

    def sign(self, key: Any = None, alg: str = "EdDSA", **header: Any) -> str:
        return jwt.encode(self.claims, key or self.ours, alg, {**self.header, "alg": alg, **header})

    def claim(self, **claims: Any) -> str:
        return jwt.encode({**self.claims, **claims}, self.ours, "EdDSA", self.header)

    def without(self, name: str) -> str:
        claims = {key: value for key, value in self.claims.items() if key != name}
        return jwt.encode(claims, self.ours, "EdDSA", self.header)

    def raw(self, payload: bytes, **header: Any) -> str:
        """Signed by our own key, whatever stands in it."""
        signed = f"{b64({**self.header, **header})}.{b64(payload)}"
        return f"{signed}.{b64(self.ours.sign(signed.encode()))}"

    def hmac(self, secret: bytes, **header: Any) -> str:
        head = b64({**self.header, "alg": "HS256", **header})
        signed = f"{head}.{self.good.split('.')[1]}"
        return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"

    def public(self) -> bytes:
        return self.ours.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def their_jwk(self) -> dict[str, str]:
        raw = self.theirs.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}

    @property
    def now(self) -> int:
        return int(clock.now().timestamp())


def none(forge: Forge, name: str) -> str:
    head, body = b64({**forge.header, "alg": name}), forge.good.split(".")[1]
    return f"{head}.{body}."


def tampered(forge: Forge) -> str:
    head, _, mark = forge.good.split(".")
    return f"{head}.{b64({**forge.claims, 'sub': str(uuid4())})}.{mark}"


def duplicated(forge: Forge) -> str:
    plain = json.dumps(forge.claims)
    return forge.raw((plain[:-1] + f', "sub": "{uuid4()}"}}').encode())


CORPUS: dict[str, Callable[[Forge], str]] = {
    "alg none": lambda f: none(f, "none"),
    "alg None": lambda f: none(f, "nOnE"),
    "alg missing": lambda f: f"{b64({'typ': 'at+jwt'})}.{f.good.split('.')[1]}.",
    "hmac with our public key": lambda f: f.hmac(f.public()),
    "hmac with our public key's bytes": lambda f: f.hmac(
        f.ours.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    ),
    "hmac with the empty key": lambda f: f.hmac(b""),
    "hmac with the key id": lambda f: f.hmac(f.header["kid"].encode()),
    "RSA key": lambda f: f.sign(f.rsa, "RS256"),
    "another key under our key id": lambda f: f.sign(f.theirs),
    "unknown key id": lambda f: f.sign(kid="0" * 43),
    "no key id": lambda f: jwt.encode(f.claims, f.ours, "EdDSA", {"typ": "at+jwt"}),
    "key id that is a path": lambda f: f.sign(f.theirs, kid="../../../../dev/null"),
    "key id that is SQL": lambda f: f.sign(f.theirs, kid="' or '1'='1"),
    "key id that is a number": lambda f: f.raw(json.dumps(f.claims).encode(), kid=7),
    "key in the header": lambda f: f.sign(f.theirs, jwk=f.their_jwk(), kid="theirs"),
    "key at an address": lambda f: f.sign(f.theirs, jku="https://evil.example/jwks", kid="x"),
    "certificate at an address": lambda f: f.sign(f.theirs, x5u="https://evil.example/x", kid="x"),
    "certificate in the header": lambda f: f.sign(f.theirs, x5c=["MIIB"], kid="x"),
    "unknown critical header": lambda f: f.raw(
        json.dumps(f.claims).encode(), crit=["exp2"], exp2=1
    ),
    "typ JWT": lambda f: f.sign(typ="JWT"),
    "typ refresh": lambda f: f.sign(typ="rt+jwt"),
    "typ logout": lambda f: f.sign(typ="logout+jwt"),
    "typ missing": lambda f: f.raw(json.dumps(f.claims).encode(), typ=None),
    "typ that is a list": lambda f: f.raw(json.dumps(f.claims).encode(), typ=["at+jwt"]),
    "no exp": lambda f: f.without("exp"),
    "no iat": lambda f: f.without("iat"),
    "no nbf": lambda f: f.without("nbf"),
    "no sub": lambda f: f.without("sub"),
    "no jti": lambda f: f.without("jti"),
    "no aud": lambda f: f.without("aud"),
    "no iss": lambda f: f.without("iss"),
    "no agency": lambda f: f.without("agency"),
    "no session": lambda f: f.without("sid"),
    "another audience": lambda f: f.claim(aud="other-api"),
    "audience that starts like ours": lambda f: f.claim(aud="agency-api-2"),
    "another environment": lambda f: f.claim(iss="https://staging.agency.example"),
    "issuer that starts like ours": lambda f: f.claim(iss=tokens.issuer() + ".evil.example"),
    "expired": lambda f: f.claim(exp=f.now - 1),
    "not yet good": lambda f: f.claim(nbf=f.now + 3600),
    "issued in the future": lambda f: f.claim(iat=f.now + 3600),
    "exp that is text": lambda f: f.claim(exp="tomorrow"),
    "exp that is no number": lambda f: f.raw(
        json.dumps(f.claims).replace(str(f.claims["exp"]), "NaN").encode()
    ),
    "exp without end": lambda f: f.raw(
        json.dumps(f.claims).replace(str(f.claims["exp"]), "1e400").encode()
    ),
    "claims twice": duplicated,
    "claims that are a list": lambda f: f.raw(b"[]"),
    "claims that are not JSON": lambda f: f.raw(b"{"),
    "claims changed": tampered,
    "somebody else": lambda f: f.claim(sub=str(uuid4())),
    "another log-in": lambda f: f.claim(sid=str(uuid4())),
    "an agency that is not": lambda f: f.claim(agency=str(uuid4())),
    "an agency that is no id": lambda f: f.claim(agency="studio"),
    "signature cut": lambda f: f.good[:-2],
    "no signature": lambda f: f.good.rpartition(".")[0] + ".",
    "two parts": lambda f: f.good.rpartition(".")[0],
    "five parts": lambda f: f.good + ".a.b",
    "refresh token": lambda f: f.studio.owner.refresh_token,
    "invitation token": lambda f: tokens.write_opaque(
        "inv", f.studio.agency_id, uuid4(), tokens.new_secret()
    ),
    "a megabyte": lambda f: f.good + "A" * 1_000_000,
    "a letter": lambda f: "x",
    "dots": lambda f: "..",
}


@pytest.fixture(scope="module")
def shared(http: TestClient) -> SignedUp:
    return sign_up(http)


class TestCorpus:
    def test_is_large_enough(self) -> None:
        assert len(CORPUS) >= 30

    def test_stands_beside_a_good_one(self, shared: SignedUp) -> None:
        forge = Forge(shared)

        for token in (forge.good, forge.sign(), forge.claim()):
            answer = shared.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200

    @pytest.mark.parametrize("name", CORPUS)
    def test_is_refused_in_the_same_words(self, shared: SignedUp, name: str) -> None:
        token = CORPUS[name](Forge(shared))

        answer = shared.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        bare = shared.http.get("/v1/me")

        assert answer.status_code == bare.status_code == 401
        assert answer.headers["WWW-Authenticate"] == bare.headers["WWW-Authenticate"]
        assert _said(answer) == _said(bare)

    @pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer ", "bearer x", "Token"])
    def test_holds_for_other_schemes(self, shared: SignedUp, header: str) -> None:
        answer = shared.http.get("/v1/me", headers={"Authorization": header})

        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert "WWW-Authenticate" in answer.headers

    def test_holds_for_a_token_in_the_query(self, shared: SignedUp) -> None:
        token = shared.owner.tokens["access_token"]

        assert shared.http.get(f"/v1/me?access_token={token}").status_code == 401

    def test_comes_before_the_request_is_looked_at(self, shared: SignedUp) -> None:
        headers = {"Authorization": f"Bearer {Forge(shared).claim(sid=str(uuid4()))}"}

        answer = shared.http.post("/v1/clients", json={"surplus": 1}, headers=headers)

        assert answer.status_code == 401


def _said(answer: Any) -> dict[str, Any]:
    return {key: value for key, value in answer.json().items() if key != "request_id"}


class TestLifetime:
    def test_is_a_quarter_of_an_hour(self, studio: SignedUp) -> None:
        with clock.at(clock.now() + timedelta(minutes=14, seconds=50)):
            assert studio.owner.get("/v1/me").status_code == 200
        with clock.at(clock.now() + timedelta(minutes=15, seconds=1)):
            assert studio.owner.get("/v1/me").status_code == 401

    def test_ends_with_the_agency(self, studio: SignedUp) -> None:
        meddle("update agencies set status = 'closed' where id = :id", id=studio.agency_id)

        assert studio.owner.get("/v1/me").status_code == 401


class TestSuspendedAgency:
    def test_is_closed_but_for_who_and_where_one_is(self, studio: SignedUp) -> None:
        meddle("update agencies set status = 'suspended' where id = :id", id=studio.agency_id)

        assert studio.owner.get("/v1/me").json()["agency"]["status"] == "suspended"
        assert studio.owner.get("/v1/agency").status_code == 200
        for answer in (
            studio.owner.patch("/v1/me", {"name": "Ana"}),
            studio.owner.patch("/v1/agency", {"name": "Sur"}),
            studio.owner.get("/v1/members"),
            studio.owner.get("/v1/sessions"),
            studio.owner.get("/v1/clients"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "agency_suspended")


class TestListSigningKeys:
    def test_gives_what_verifies_a_token(self, http: TestClient, studio: SignedUp) -> None:
        answer = http.get("/.well-known/jwks.json")

        assert answer.headers["Cache-Control"] == "public, max-age=300"
        token = studio.owner.tokens["access_token"]
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(jwt.PyJWK(each) for each in answer.json()["keys"] if each["kid"] == kid)
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="agency-api")
        assert claims["agency"] == str(studio.agency_id)

    def test_gives_no_private_half(self, http: TestClient) -> None:
        for key in http.get("/.well-known/jwks.json").json()["keys"]:
            assert key.keys() == {"crv", "kty", "x", "kid", "alg", "use"}
