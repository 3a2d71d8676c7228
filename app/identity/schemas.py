"""Shapes of sessions, accounts and tokens. No answer holds a password, and only one a token."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.identity.actor import Role
from app.identity.rights import SYSTEM_RIGHTS

NAME = validate.Length(min=1, max=200)
ROLES = [role.value for role in Role if role is not Role.SYSTEM]


class SignInSchema(Schema):
    """Login and password."""

    login = fields.String(required=True, validate=NAME)
    password = fields.String(required=True, validate=NAME, load_only=True)


class SignedInSchema(Schema):
    """A new session."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)


class MeSchema(Schema):
    """Who one is."""

    login = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    programme = fields.String(required=True)
    department = fields.String(required=True)
    rights = fields.List(fields.String(), required=True)


class PasswordChangeSchema(Schema):
    """The old password and the new one."""

    old = fields.String(required=True, validate=NAME, load_only=True)
    new = fields.String(required=True, validate=NAME, load_only=True)


class PostSchema(Schema):
    """What an account is for."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    programme = fields.String(load_default="", validate=validate.Length(max=20))
    department = fields.String(load_default="", validate=validate.Length(max=200))
    staff = fields.String(load_default=None, allow_none=True, validate=NAME)


class NewAccountSchema(PostSchema):
    """Who is to sign in, and as what."""

    login = fields.String(required=True, validate=NAME)
    name = fields.String(required=True, validate=NAME)
    password = fields.String(required=True, validate=NAME, load_only=True)


class AccountSchema(Schema):
    """An account."""

    login = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    programme = fields.String(required=True)
    department = fields.String(required=True)
    staff = fields.String(required=True, allow_none=True)
    is_active = fields.Boolean(required=True)


class LoginSchema(Schema):
    """Which account was changed."""

    login = fields.String(required=True)


class PasswordSchema(Schema):
    """A new password for somebody."""

    password = fields.String(required=True, validate=NAME, load_only=True)


class NewTokenSchema(Schema):
    """A token for a department's system."""

    name = fields.String(required=True, validate=NAME)
    programme = fields.String(required=True, validate=NAME)
    department = fields.String(required=True, validate=NAME)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(right.value for right in SYSTEM_RIGHTS))),
        required=True,
        validate=validate.Length(min=1, max=len(SYSTEM_RIGHTS)),
    )
    expires_at = fields.AwareDateTime(required=True)


class IssuedTokenSchema(Schema):
    """The token, shown this once."""

    token = fields.String(required=True)


class TokenSchema(Schema):
    """A token as it is listed: never itself."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    programme = fields.String(required=True)
    department = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    issued_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class HandoverSchema(Schema):
    """Whose open steps go to whom."""

    from_login = fields.String(required=True, validate=NAME)
    to_login = fields.String(required=True, validate=NAME)


class MovedSchema(Schema):
    """In how many cases something was handed over."""

    cases = fields.Integer(required=True)


class SubstitutionSchema(Schema):
    """Who stands in for whom; the accounts by their numbers."""

    id = fields.Integer(required=True)
    absent = fields.Integer(required=True)
    substitute = fields.Integer(required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)


class SubstituteSchema(Schema):
    """Who stands in, from which day until which, both included."""

    login = fields.String(required=True, validate=NAME)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
