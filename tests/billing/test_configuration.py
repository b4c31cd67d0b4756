"""How an installation is told who collects money: whole, or it does not start."""

from typing import get_args

import pytest
from typer.testing import CliRunner

from api import cli
from billing.subscription.catalog import PlanCode
from tenants import settings
from tenants.settings import ConfigurationError, Settings, load

WHOLE = {
    "AGENCY_BILLING_PROVIDER": "stripe",
    "AGENCY_STRIPE_SECRET_KEY": "sk_test_hush",
    "AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS": "whsec_hush,whsec_hushhush",
}


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)


class TestStripe:
    def test_is_told_whole(self, whole: None) -> None:
        made = load()
        assert (made.billing_provider, made.stripe_livemode) == ("stripe", False)
        assert made.secrets_of("stripe_account_webhook_secrets") == [
            "whsec_hush",
            "whsec_hushhush",
        ]

    @pytest.mark.parametrize("name", WHOLE)
    def test_is_not_told_by_half(
        self, whole: None, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.delenv(name)
        with pytest.raises(ConfigurationError, match="AGENCY_") as refused:
            load()
        assert "hush" not in str(refused.value)

    @pytest.mark.parametrize(
        ("name", "value", "named"),
        [
            ("AGENCY_STRIPE_SECRET_KEY", "sk_live_hush", "live key, outside production"),
            ("AGENCY_STRIPE_SECRET_KEY", "rk_live_hush", "live key, outside production"),
            ("AGENCY_STRIPE_SECRET_KEY", "pk_test_hush", "AGENCY_STRIPE_SECRET_KEY"),
            ("AGENCY_STRIPE_SECRET_KEY", "", "AGENCY_STRIPE_SECRET_KEY"),
            ("AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS", "hush", "WEBHOOK_SECRETS"),
            ("AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS", "whsec_a,hush", "WEBHOOK_SECRETS"),
            ("AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS", " , ", "WEBHOOK_SECRETS"),
            ("AGENCY_STRIPE_TRANSFERS", "true", "CONNECT_WEBHOOK_SECRETS"),
            ("AGENCY_STRIPE_API_URL", "http://stripe.example", "AGENCY_STRIPE_API_URL"),
            ("AGENCY_STRIPE_API_URL", "http://127.0.0.1.example", "AGENCY_STRIPE_API_URL"),
            ("AGENCY_BILLING_PROVIDER", "paypal", "AGENCY_BILLING_PROVIDER"),
            ("AGENCY_DEFAULT_PLAN", "enormous", "AGENCY_DEFAULT_PLAN"),
            ("AGENCY_PAST_DUE_GRACE_DAYS", "-1", "AGENCY_PAST_DUE_GRACE_DAYS"),
        ],
    )
    def test_is_refused_by_name(
        self, whole: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(ConfigurationError, match=named) as refused:
            load()
        assert "hush" not in str(refused.value)

    def test_is_printed_without_its_secrets(
        self, whole: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "get", load)
        printed = CliRunner().invoke(cli.app, ["config"]).output
        assert "AGENCY_STRIPE_SECRET_KEY=**********" in printed
        assert "hush" not in printed

    def test_knows_every_plan(self) -> None:
        known = get_args(get_args(Settings.model_fields["default_plan"].annotation)[0])
        assert set(known) == set(PlanCode)
