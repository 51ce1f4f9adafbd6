"""A typed client of the ShareMTC API. Its operations and models are generated from the OpenAPI document.

    from sharemtc_client import ApiError, Bearer, Client
    from sharemtc_client.models.resources import VmCreate
    from sharemtc_client.operations import resources

    with Client("https://sharemtc.example.com", Bearer("smtc_…")) as api:
        vm = api.send(resources.create_vm(VmCreate(name="web-1", …)))
        for each in api.iterate(resources.list_vms(status="running")):
            api.send(resources.stop_vm(each.id, if_match=each.version))

    operations/  a function per operation, which returns a typed call; generated, a module per group
    models/      request and response bodies per group; generated
    clients      send calls: blocking or with asyncio
    calls        one call, its request and its response      attempts     whether and when it is retried
    auth         bearer tokens, API keys, signers            problems     the one exception
    over_httpx   the default transports

A function is named after its operation's id without the group: `resources_create_vm` is `resources.create_vm`.
"""

from sharemtc_client.attempts import RetryPolicy
from sharemtc_client.auth import Auth, Bearer
from sharemtc_client.calls import Call
from sharemtc_client.clients import AsyncClient, Client
from sharemtc_client.problems import ApiError, FieldError

__all__ = ["ApiError", "AsyncClient", "Auth", "Bearer", "Call", "Client", "FieldError", "RetryPolicy"]
