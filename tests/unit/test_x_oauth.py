"""OAuth 1.0a: the examples of RFC 5849 and of X's own page, and what would make two signatures differ."""

import pytest

from trunkline.adapters.x.oauth import Credentials, authorization, base_string, escape, fresh, signature

PHOTOS = {
    "oauth_consumer_key": "dpf43f3p2l4k3l03",
    "oauth_token": "nnch734d00sl2jdk",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "137131202",
    "oauth_nonce": "chapoH",
}


def test_the_base_string_of_section_3_4_1_1() -> None:
    protocol = {
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }
    form = [("c2", ""), ("a3", "2 q")]
    address = "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
    assert base_string("post", address, [*protocol.items(), *form]) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D"
        "%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1"
        "%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_the_signature_of_section_1_2() -> None:
    base = base_string("GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", PHOTOS.items())
    assert signature(base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00") == "MdpQcU8iPSUjWoN/UDMsK2sui9I="


def test_the_header_of_the_page_creating_a_signature_of_x() -> None:
    credentials = Credentials(
        key="xvz1evFS4wEEPTGEFPHBog",
        key_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    once = {"oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", "oauth_timestamp": "1318622958"}
    address = "https://api.twitter.com/1/statuses/update.json?include_entities=true"
    form = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!")]
    header = authorization("POST", address, credentials, once, form)
    assert header.startswith('OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="kYjz')
    assert 'oauth_signature="tnnArxj06cWHq44gCs1OSKk%2FjLY%3D"' in header
    assert not any(secret in repr(credentials) for secret in (credentials.key_secret, credentials.token_secret))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://api.x.com/2/tweets", "https://API.X.COM:443/2/tweets"),
        ("http://127.0.0.1:80/2/tweets", "http://127.0.0.1/2/tweets"),
    ],
)
def test_an_address_in_another_spelling_is_the_same_address(one: str, other: str) -> None:
    assert base_string("POST", one, ()) == base_string("POST", other, ())


def test_a_port_of_its_own_is_signed() -> None:
    assert "127.0.0.1%3A8080%2F2" in base_string("POST", "http://127.0.0.1:8080/2/tweets", ())


def test_everything_but_letters_digits_and_four_signs_is_encoded() -> None:
    assert escape("Az09-._~ +!*'()&=/☃") == "Az09-._~%20%2B%21%2A%27%28%29%26%3D%2F%E2%98%83"


def test_two_requests_never_have_the_same_nonce() -> None:
    one, other = fresh(), fresh()
    assert one["oauth_nonce"] != other["oauth_nonce"]
    assert one["oauth_timestamp"].isdigit()
