"""A typed client of the ShareMTC API, for programs; its models and methods are made from the API's description.

    from sharemtc_client import ApiError, Bearer
    from sharemtc_client.clients import Client
    from sharemtc_client.models.resources import VmCreate

    with Client("https://sharemtc.example.com", Bearer("smtc_…")) as api:
        vm = api.resources.create_vm(VmCreate(name="web-1", …))
        for each in api.resources.iter_vms(status="running"):
            api.resources.stop_vm(each.id, if_match=each.version)

    problems    the one exception                      clients      all groups in one object, loaded when used
    auth        bearer tokens, API keys, signers       operations/  a class per group, sync and async; generated
    sessions    requests, answers, repetition          models/      bodies and answers per group; generated
    calls       one call on its way                    over_httpx   the usual transport; any other will do

A method is called by its operation's id without the group: `resources_create_vm` is `api.resources.create_vm`.
"""

from sharemtc_client.auth import Auth, Bearer
from sharemtc_client.calls import Repetition
from sharemtc_client.problems import ApiError, FieldError
from sharemtc_client.sessions import AsyncSession, Session

__all__ = ["ApiError", "AsyncSession", "Auth", "Bearer", "FieldError", "Repetition", "Session"]
