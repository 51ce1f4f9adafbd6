"""Registration, sign-in and sign-out, users and SSH keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sharemtc import access_tokens, clock
from sharemtc.accounts import login_throttle, passwords, sessions, ssh_keys, trusted_browsers
from sharemtc.accounts.schemas import LoginBody, RegisterBody, SshKeyCreate, SshKeyView, normalise_email
from sharemtc.accounts.table import (
    COUNT_SHARDS,
    KEY_PREFIX,
    SHARD_PREFIX,
    USERS_COUNT_KEY,
    Email,
    EndReason,
    Fingerprint,
    SshKey,
    User,
    UserCount,
    user_key,
)
from sharemtc.audit import service as audit
from sharemtc.audit.origins import INTERNAL, Origin
from sharemtc.audit.schemas import AuditEvent
from sharemtc.idempotency import Claim
from sharemtc.ids import IdKind, new_id
from sharemtc.principals import Principal, Role
from sharemtc.problems import Conflict, FieldError, Invalid, NotFound, Unauthenticated
from sharemtc.schemas import PageQuery
from sharemtc.storage.pages import Page, page
from sharemtc.storage.records import batch_find
from sharemtc.storage.transactions import Transaction, retry_on_conflict

MAX_SSH_KEYS = 50
UNKNOWN_USER_ID = "usr_nobody"
# a callback with which domains above accounts add writes to a transaction
AlsoWithUser = Callable[[Transaction, User], None]


class EmailTaken(Conflict):
    code, title = "email_taken", "An account with this e-mail address already exists"


class WrongCredentials(Unauthenticated):
    """The response does not say whether the address or the password is wrong."""

    code, title = "wrong_credentials", "Wrong e-mail address or password"


class SshKeyTaken(Conflict):
    code, title = "ssh_key_taken", "You already added this key"


class TooManySshKeys(Conflict):
    code, title = "too_many_ssh_keys", f"An account can have at most {MAX_SSH_KEYS} SSH keys"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user's tokens after signing in."""

    user: User
    access_token: str
    refresh_token: str
    device_token: str | None = None

    @property
    def expires_in_s(self) -> int:
        return int(access_tokens.LIFETIME.total_seconds())


def register(body: RegisterBody, also: AlsoWithUser, origin: Origin) -> SignedIn:
    """Create an account and sign in. `also` adds writes of other domains. Errors: `EmailTaken`, `Invalid`."""
    reject_weak(body.password, body.email)
    password_hash = passwords.hash_password(body.password)

    def write(transaction: Transaction) -> tuple[User, sessions.Refreshed]:
        user = create_user(transaction, body.email, password_hash, body.name, Role.USER)
        also(transaction, user)
        opened = sessions.open_session(transaction, user, origin)
        audit.append(transaction, user.id, AuditEvent.REGISTERED, origin, session_id=opened.session.id)
        return user, opened

    user, opened = retry_on_conflict(lambda: audit.commit(write))
    return signed_in(user, opened, trusted_browsers.issue(user.email))


def reject_weak(password: str, email: str) -> None:
    """Errors: `Invalid` naming `/password` when it equals the address."""
    if passwords.same(password, email):
        message = "Choose a password that is not your e-mail address."
        raise Invalid(errors=(FieldError("/password", "password_is_email", message),))


def log_in(body: LoginBody, origin: Origin, device_token: str | None) -> SignedIn:
    """Errors: `WrongCredentials`, `TooManyGuesses`."""
    device_id = trusted_browsers.known(device_token, body.email)
    slots = login_throttle.take(login_throttle.buckets_of(body.email, origin.address, device_id))
    user = find_by_email(body.email)
    if not passwords.matches(body.password, user.password_hash if user is not None else None) or user is None:
        # unknown addresses cost the same writes, so that timing does not reveal which accounts exist
        subject = user.id if user is not None else audit.unknown_subject(body.email)
        audit.record_event(subject, AuditEvent.SIGN_IN_FAILED, origin)
        raise WrongCredentials
    login_throttle.release(slots)
    return sign_in(user, AuditEvent.SIGNED_IN, origin, password=body.password)


def sign_in(
    user: User, event: AuditEvent, origin: Origin, *, password: str | None = None, method: str = "password"
) -> SignedIn:
    """Open a session after the credentials were checked; replaces a password hash that has old parameters."""
    rehashed = None
    if password is not None and user.password_hash is not None and passwords.needs_rehash(user.password_hash):
        rehashed = passwords.hash_password(password)

    def write(transaction: Transaction) -> sessions.Refreshed:
        opened = sessions.open_session(transaction, user, origin)
        if rehashed is not None:
            fresh = User.password_hash.set(rehashed)
            transaction.update(user, [fresh], User.password_hash == user.password_hash, refused=WrongCredentials())
        audit.append(transaction, user.id, event, origin, session_id=opened.session.id, method=method)
        return opened

    return signed_in(user, audit.commit(write), trusted_browsers.issue(user.email))


def refresh(refresh_token: str | None, origin: Origin) -> SignedIn:
    """Continue a session with the user's current role. Errors: `SessionEnded`."""
    refreshed = sessions.rotate(refresh_token, origin)
    user = User.find(user_key(refreshed.session.user_id), "USER")
    if user is None:
        raise sessions.SessionEnded
    if refreshed.session.epoch != user.session_epoch:
        raise sessions.SessionEnded(EndReason.PASSWORD_CHANGED)
    return signed_in(user, refreshed)


def log_out(refresh_token: str | None) -> None:
    """End a session, if it has not ended already."""
    sessions.revoke(refresh_token)


def log_out_by(caller: Principal) -> None:
    sessions.revoke_by_id(caller.user_id, caller.session_id)


def find_user(user_id: str) -> User:
    """The caller's own user. Errors: `Unauthenticated` when the account was deleted."""
    user = User.find(user_key(user_id), "USER")
    if user is None:
        raise Unauthenticated("This account no longer exists.")
    return user


def ensure_operator(email: str, password: str, also: AlsoWithUser | None = None) -> str:
    """The id of the operator's account, which is created if it does not exist; otherwise its password is kept.

    Errors: `EmailTaken` when the address belongs to a user who is not a super-admin.
    """
    email = normalise_email(email)
    user = find_by_email(email)
    if user is None:
        password_hash = passwords.hash_password(password)

        def write(transaction: Transaction) -> User:
            user = create_user(transaction, email, password_hash, "Operator", Role.SUPER_ADMIN)
            if also is not None:
                also(transaction, user)
            audit.append(transaction, user.id, AuditEvent.REGISTERED, INTERNAL)
            return user

        try:
            user = audit.commit(write)
        except EmailTaken:
            user = find_by_email(email)  # a concurrent deployment created it
    if user is None or user.role is not Role.SUPER_ADMIN:
        raise EmailTaken(f"{email} belongs to a user who is not the operator.")
    return user.id


# --- SSH keys -------------------------------------------------------------------------------------------------------


def list_ssh_keys(user_id: str, query: PageQuery) -> Page[SshKey]:
    return page(
        SshKey,
        user_key(user_id),
        limit=query.limit,
        cursor=query.cursor,
        range_condition=SshKey.sk.startswith(KEY_PREFIX),
    )


def add_ssh_key(user_id: str, body: SshKeyCreate, origin: Origin, claim: Claim) -> SshKeyView:
    """Errors: `Invalid`, `SshKeyTaken`, `TooManySshKeys`."""
    parsed = ssh_keys.parse(body.public_key)
    key_id, pk = new_id(IdKind.SSH_KEY), user_key(user_id)
    key = SshKey(
        pk,
        f"{KEY_PREFIX}{key_id}",
        id=key_id,
        name=body.name,
        type=parsed.type,
        public_key=parsed.text,
        fingerprint=parsed.fingerprint,
        bits=parsed.bits,
        created_at=clock.now(),
    )
    view = SshKeyView.model_validate(key)

    def write(transaction: Transaction) -> None:
        transaction.create(Fingerprint(pk, f"FINGERPRINT#{parsed.fingerprint}", key_id=key_id), refused=SshKeyTaken())
        room = User.ssh_key_count < MAX_SSH_KEYS
        transaction.update(User(pk, "USER"), [User.ssh_key_count.add(1)], room, refused=TooManySshKeys())
        transaction.create(key)
        audit.append(transaction, user_id, AuditEvent.SSH_KEY_ADDED, origin, key_id=key_id)
        claim.record(transaction, view)

    audit.commit(write)
    return view


def remove_ssh_key(user_id: str, key_id: str, origin: Origin) -> None:
    """Remove a key; machines that were created with it keep it. Errors: `NotFound`."""
    pk = user_key(user_id)
    key = SshKey.find(pk, f"{KEY_PREFIX}{key_id}")
    if key is None:
        raise NotFound("There is no such key.")

    def write(transaction: Transaction) -> None:
        transaction.delete(key, SshKey.pk.exists(), refused=NotFound("There is no such key."))
        transaction.delete(Fingerprint(pk, f"FINGERPRINT#{key.fingerprint}"))
        transaction.update(User(pk, "USER"), [User.ssh_key_count.add(-1)])
        audit.append(transaction, user_id, AuditEvent.SSH_KEY_REMOVED, origin, key_id=key_id)

    audit.commit(write)


def create_user(transaction: Transaction, email: str, password_hash: str | None, name: str, role: Role) -> User:
    """Add a user to `transaction`. Errors: `EmailTaken`."""
    user_id = new_id(IdKind.USER)
    user = User(
        user_key(user_id),
        "USER",
        id=user_id,
        email=email,
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    transaction.create(Email(f"EMAIL#{email}", "EMAIL", user_id=user_id), refused=EmailTaken())
    transaction.create(user)
    count_user(transaction, 1)
    return user


def count_user(transaction: Transaction, change: int) -> None:
    shard = UserCount(USERS_COUNT_KEY, f"{SHARD_PREFIX}{clock.choose_index(COUNT_SHARDS)}")
    transaction.update(shard, [UserCount.users.add(change)])


def number_of_users() -> int:
    return sum(shard.users for shard in UserCount.under(USERS_COUNT_KEY, SHARD_PREFIX))


def find_by_email(email: str) -> User | None:
    """Reads as much whether or not the address exists, so that timing does not reveal it."""
    claimed = Email.find(f"EMAIL#{email}", "EMAIL")
    return User.find(user_key(claimed.user_id if claimed is not None else UNKNOWN_USER_ID), "USER")


def emails_of(user_ids: Sequence[str]) -> dict[str, str]:
    keys = [(user_key(user_id), "USER") for user_id in dict.fromkeys(user_ids)]
    return {user.id: user.email for user in batch_find(User, keys, unreadable_keys=set()).values()}


def signed_in(user: User, session: sessions.Refreshed, device_token: str | None = None) -> SignedIn:
    access_token = access_tokens.issue_access_token(user.id, user.role, session.session.id)
    return SignedIn(user, access_token, session.token, device_token)
