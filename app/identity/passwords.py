"""Passwords: what may be one, and how they are kept (argon2)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.identity.errors import PasswordGuessable, PasswordTooShort

# Longer than the eight of the assessors' practice: length is what slows guessing down. Passwords set before stay good.
SHORTEST_PASSWORD = 10
# argon2 reads every character: an answer must not cost more because more was sent.
LONGEST_PASSWORD = 200
# Those of ten and more characters that lists of leaked passwords begin with; shorter ones are refused anyway.
COMMON = frozenset({
    "0123456789", "1234567890", "12345678910", "123456789a", "a123456789", "a1234567890", "abc1234567", "abc123456789",
    "0987654321", "1111111111", "0000000000", "1122334455", "9876543210", "1234512345", "1234554321", "123123123123",
    "qwertyuiop", "qwerty12345", "qwerty123456", "qwer123456", "asdfghjkl;", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc",
    "qazwsxedc123", "zaq12wsxcde3", "password123", "password1234", "password12", "p@ssw0rd123", "passw0rd123", "iloveyou123",
    "woaini1314", "woaini520520", "5201314520", "5201314woaini", "admin12345", "admin123456", "admin@1234", "admin@12345",
    "administrator", "root123456", "welcome123", "letmein123", "dragon1234", "test123456", "changeme123", "zhengwu12345",
    "zhengwu@123", "12345rexian", "haochaping123", "bihuan1234",
})  # fmt: skip

_hasher = PasswordHasher()
# The hash of nobody's password: who has no account waits as long as who mistyped. Written down, because
# making one takes 64 MiB that every process would keep from its start.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$W/P6HnGfL9RIpjd5mtG1YA$7RC03xtDxvC+/wG/CfaBr9vg75EDB/eG6+RN61udMWM"


def require_good_password(password: str, login: str) -> None:
    """Refuse what is guessed first.

    Raises:
        PasswordTooShort: fewer than ten characters, or more than two hundred.
        PasswordGuessable: a common one, or made of the login.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordTooShort(f"密码须为 {SHORTEST_PASSWORD} 到 {LONGEST_PASSWORD} 个字符。")
    plain = password.casefold()
    if plain in COMMON or len(set(plain)) < 4 or (login and login.casefold() in plain):
        raise PasswordGuessable("密码太常见，或含有登录名，请换一个。")


def hash_password(password: str) -> str:
    """Return what is stored of a password; takes about 0.1 s on purpose."""
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Return whether this is the password; a hash that makes no sense fits none."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
