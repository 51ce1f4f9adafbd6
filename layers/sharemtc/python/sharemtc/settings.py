"""Configuration from the environment, parsed once. A missing or wrong value raises an error that names it."""

import os
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class SettingsError(RuntimeError):
    """A value is missing or wrong. The message names each."""


class Settings(BaseModel):
    """Everything that a deployment can set; the variable is the field's name in capitals.

    Money is in micro-USD (`*_micros`) or nano-USD per unit-hour (`*_nanos_per_hour`).
    """

    model_config = ConfigDict(frozen=True)

    stage: str = "local"
    public_url: str = "http://127.0.0.1:8420"
    cookie_secure: bool = False
    token_secret_id: str = ""
    operator_secret_id: str = ""
    account_jobs_queue_url: str = ""
    mail_from: str = ""
    mail_outbox_dir: str = ""
    google_client_id: str = ""
    google_secret_id: str = ""
    google_issuer: str = "https://accounts.google.com"
    password_memory_kib: int = Field(default=47_104, ge=8)
    password_time_cost: int = Field(default=1, ge=1)
    workload_state_machine_arn: str = ""
    accrual_queue_url: str = ""
    reconcile_queue_url: str = ""
    telemetry_queue_url: str = ""
    # credit of a new account (0: none), and how many credits per UTC day: in all, and per network address
    starting_credit_micros: int = Field(default=0, ge=0)
    starting_credit_needs_proof: bool = True
    starting_credits_per_day: int = Field(default=100, ge=0)
    starting_credits_per_address: int = Field(default=3, ge=0)
    platform_fee_bps: int = Field(default=1000, ge=0, le=10_000)
    hold_window_s: int = Field(default=3600, ge=60)
    quote_lifetime_s: int = Field(default=300, ge=30)
    heartbeat_interval_s: int = Field(default=10, ge=1)
    command_poll_s: int = Field(default=5, ge=1)
    telemetry_interval_s: int = Field(default=60, ge=5)
    # other browser origins that may call the API, separated by commas
    allowed_origins: str = ""
    # the number of proxies before the API gateway, and the secret that proves that a request came through them
    trusted_proxies: int = Field(default=0, ge=0, le=8)
    trusted_proxy_proof: str = ""
    # rate limits; 0 is unlimited. `*_requests_*` apply per process, `*_changes_*` to all processes together
    requests_per_minute: int = Field(default=3000, ge=0)
    changes_per_minute: int = Field(default=600, ge=0)
    public_requests_per_minute: int = Field(default=3000, ge=0)
    public_changes_per_minute: int = Field(default=600, ge=0)
    # failed authentications per address and process
    refusals_per_minute: int = Field(default=600, ge=0)
    host_requests_per_minute: int = Field(default=1200, ge=0)
    # hosts of an unverified provider; 0 is unlimited
    unverified_provider_hosts: int = Field(default=20, ge=0)
    host_suspect_after_s: int = Field(default=15, ge=2)
    host_offline_after_s: int = Field(default=30, ge=4)
    # after this many failed starts in a row, a host gets no new workloads
    host_failed_starts: int = Field(default=3, ge=1)
    vcpu_nanos_per_hour: int = Field(default=12_000_000, ge=0)
    memory_gib_nanos_per_hour: int = Field(default=4_000_000, ge=0)
    disk_gib_nanos_per_hour: int = Field(default=150_000, ge=0)
    network_100mbps_nanos_per_hour: int = Field(default=20_000_000, ge=0)
    gpu_nanos_per_hour: int = Field(default=400_000_000, ge=0)


@cache
def settings() -> Settings:
    given = {name: os.environ[name.upper()] for name in Settings.model_fields if os.environ.get(name.upper())}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        raise SettingsError(wrong) from error


def require(name: str) -> str:
    """The value of a setting. Errors: `SettingsError` when it is not set."""
    value = str(getattr(settings(), name))
    if not value:
        raise SettingsError(f"{name.upper()} is not set")
    return value


def table_name(domain: str) -> str:
    """The DynamoDB table of a domain, from `<DOMAIN>_TABLE`, which only functions that use the table have."""
    return os.environ.get(f"{domain.upper()}_TABLE", f"unset-{domain}-table")
