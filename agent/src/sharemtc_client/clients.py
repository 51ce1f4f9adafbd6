"""The whole API in one object. Written by `make openapi` from the API's description."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sharemtc_client.sessions import AsyncSession, Session

if TYPE_CHECKING:
    from sharemtc_client.operations.admin import Admin
    from sharemtc_client.operations.admin_async import AsyncAdmin
    from sharemtc_client.operations.agent import Agent
    from sharemtc_client.operations.agent_async import AsyncAgent
    from sharemtc_client.operations.auth import Auth
    from sharemtc_client.operations.auth_async import AsyncAuth
    from sharemtc_client.operations.billing import Billing
    from sharemtc_client.operations.billing_async import AsyncBilling
    from sharemtc_client.operations.catalog import Catalog
    from sharemtc_client.operations.catalog_async import AsyncCatalog
    from sharemtc_client.operations.provider import Provider
    from sharemtc_client.operations.provider_async import AsyncProvider
    from sharemtc_client.operations.resources import Resources
    from sharemtc_client.operations.resources_async import AsyncResources


class Client(Session):
    """The whole API, blocking. A group is loaded when it is first used."""

    @cached_property
    def admin(self) -> Admin:
        """Everything under /v1/admin."""
        from sharemtc_client.operations.admin import Admin

        return Admin(self)

    @cached_property
    def agent(self) -> Agent:
        """Everything under /v1/agent."""
        from sharemtc_client.operations.agent import Agent

        return Agent(self)

    @cached_property
    def auth(self) -> Auth:
        """Everything under /v1/auth."""
        from sharemtc_client.operations.auth import Auth

        return Auth(self)

    @cached_property
    def billing(self) -> Billing:
        """Everything under /v1/billing."""
        from sharemtc_client.operations.billing import Billing

        return Billing(self)

    @cached_property
    def catalog(self) -> Catalog:
        """Everything under /v1/catalog."""
        from sharemtc_client.operations.catalog import Catalog

        return Catalog(self)

    @cached_property
    def provider(self) -> Provider:
        """Everything under /v1/provider."""
        from sharemtc_client.operations.provider import Provider

        return Provider(self)

    @cached_property
    def resources(self) -> Resources:
        """Everything under /v1/resources."""
        from sharemtc_client.operations.resources import Resources

        return Resources(self)


class AsyncClient(AsyncSession):
    """The same, for asyncio. A group is loaded when it is first used."""

    @cached_property
    def admin(self) -> AsyncAdmin:
        """Everything under /v1/admin."""
        from sharemtc_client.operations.admin_async import AsyncAdmin

        return AsyncAdmin(self)

    @cached_property
    def agent(self) -> AsyncAgent:
        """Everything under /v1/agent."""
        from sharemtc_client.operations.agent_async import AsyncAgent

        return AsyncAgent(self)

    @cached_property
    def auth(self) -> AsyncAuth:
        """Everything under /v1/auth."""
        from sharemtc_client.operations.auth_async import AsyncAuth

        return AsyncAuth(self)

    @cached_property
    def billing(self) -> AsyncBilling:
        """Everything under /v1/billing."""
        from sharemtc_client.operations.billing_async import AsyncBilling

        return AsyncBilling(self)

    @cached_property
    def catalog(self) -> AsyncCatalog:
        """Everything under /v1/catalog."""
        from sharemtc_client.operations.catalog_async import AsyncCatalog

        return AsyncCatalog(self)

    @cached_property
    def provider(self) -> AsyncProvider:
        """Everything under /v1/provider."""
        from sharemtc_client.operations.provider_async import AsyncProvider

        return AsyncProvider(self)

    @cached_property
    def resources(self) -> AsyncResources:
        """Everything under /v1/resources."""
        from sharemtc_client.operations.resources_async import AsyncResources

        return AsyncResources(self)
