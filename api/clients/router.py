"""Routes of the client record and of what surrounds it; each calls one verb."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.clients import contacts, contracts, promises
from api.clients.models import ClientRequest, Commitment, Contact, Contract, PromiseStatus
from api.clients.shapes import (
    ClientCreate,
    ClientQuery,
    ClientRead,
    ClientUpdate,
    ContactCreate,
    ContactQuery,
    ContactRead,
    ContactUpdate,
    ContractCreate,
    ContractQuery,
    ContractRead,
    ContractUpdate,
    NoticeGiven,
    PromiseCreate,
    PromiseDrop,
    PromiseQuery,
    PromiseRead,
    PromiseUpdate,
)
from api.http.problems import problems
from api.http.route import RequestSession, domain_router, needs
from tenants import clients
from tenants.errors import MoveNotAllowed, NotFound
from tenants.models import Client
from tenants.pages import InvalidCursor, Page
from tenants.quotas import QuotaExceeded
from tenants.reads import Lookup

router = domain_router("clients")


@router.post(
    "/clients",
    status_code=201,
    response_model=ClientRead,
    dependencies=[needs("clients:create")],
    responses=problems(QuotaExceeded, NotFound, clients.ClientSlugTaken, clients.LeadNotStaff),
)
def create_client(data: ClientCreate, session: RequestSession) -> Any:
    """Take on a client; its lead account executive is assigned from today."""
    return clients.create(session, **data.model_dump())


@router.get(
    "/clients",
    response_model=Page[ClientRead],
    dependencies=[needs("clients:read")],
    responses=problems(InvalidCursor),
)
def list_clients(page: Annotated[ClientQuery, Query()], session: RequestSession) -> Any:
    """List the clients in your sight, newest first. Ended ones only when `status` names them."""
    return clients.search(session, page)


@router.get(
    "/clients/{client_id}",
    response_model=ClientRead,
    dependencies=[needs("clients:read")],
    responses=problems(NotFound),
)
def get_client(client_id: UUID, session: RequestSession) -> Any:
    """Read a client."""
    return Lookup(Client, client_id)


@router.patch(
    "/clients/{client_id}",
    response_model=ClientRead,
    dependencies=[needs("clients:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_client(client_id: UUID, data: ClientUpdate, session: RequestSession) -> Any:
    """Change a client, or move it to its next status."""
    return clients.update(session, client_id, **data.model_dump())


@router.post(
    "/clients/{client_id}/contacts",
    status_code=201,
    response_model=ContactRead,
    dependencies=[needs("contacts:write")],
    responses=problems(NotFound, contacts.ContactNotOfClient),
)
def create_contact(client_id: UUID, data: ContactCreate, session: RequestSession) -> Any:
    """Note down a person at the client."""
    return contacts.create(session, client_id, **data.model_dump())


@router.get(
    "/clients/{client_id}/contacts",
    response_model=Page[ContactRead],
    dependencies=[needs("contacts:read")],
    responses=problems(NotFound, InvalidCursor),
)
def list_contacts(
    client_id: UUID, page: Annotated[ContactQuery, Query()], session: RequestSession
) -> Any:
    """List a client's contacts, newest first. Archived ones only when `status` names them."""
    return contacts.search(session, client_id, page)


@router.get(
    "/contacts/{contact_id}",
    response_model=ContactRead,
    dependencies=[needs("contacts:read")],
    responses=problems(NotFound),
)
def get_contact(contact_id: UUID, session: RequestSession) -> Any:
    """Read a contact."""
    return Lookup(Contact, contact_id)


@router.patch(
    "/contacts/{contact_id}",
    response_model=ContactRead,
    dependencies=[needs("contacts:write")],
    responses=problems(NotFound, contacts.ContactNotOfClient),
)
def update_contact(contact_id: UUID, data: ContactUpdate, session: RequestSession) -> Any:
    """Change a contact, or archive them."""
    return contacts.update(session, contact_id, **data.model_dump())


@router.post(
    "/contracts",
    status_code=201,
    response_model=ContractRead,
    dependencies=[needs("contracts:write")],
    responses=problems(NotFound, contracts.ContractEndsTooEarly),
)
def create_contract(data: ContractCreate, session: RequestSession) -> Any:
    """Draft a contract with a client."""
    return contracts.create(session, **data.model_dump())


@router.get(
    "/contracts",
    response_model=Page[ContractRead],
    dependencies=[needs("contracts:read")],
    responses=problems(InvalidCursor),
)
def list_contracts(page: Annotated[ContractQuery, Query()], session: RequestSession) -> Any:
    """List contracts, newest first; `renews_before` shows which renewals come up."""
    return contracts.search(session, page)


@router.get(
    "/contracts/{contract_id}",
    response_model=ContractRead,
    dependencies=[needs("contracts:read")],
    responses=problems(NotFound),
)
def get_contract(contract_id: UUID, session: RequestSession) -> Any:
    """Read a contract."""
    return Lookup(Contract, contract_id)


@router.patch(
    "/contracts/{contract_id}",
    response_model=ContractRead,
    dependencies=[needs("contracts:write")],
    responses=problems(NotFound, contracts.ContractInForce, contracts.ContractEndsTooEarly),
)
def update_contract(contract_id: UUID, data: ContractUpdate, session: RequestSession) -> Any:
    """Change a draft; of a contract in force only its renewal day, payer and SLA."""
    return contracts.update(session, contract_id, **data.model_dump())


@router.post(
    "/contracts/{contract_id}/activate",
    response_model=ContractRead,
    dependencies=[needs("contracts:write")],
    responses=problems(NotFound, MoveNotAllowed, contracts.NoticeIsOver),
)
def activate_contract(contract_id: UUID, session: RequestSession) -> Any:
    """Put a contract in force, or take its notice back until the day it names is over."""
    return contracts.activate(session, contract_id)


@router.post(
    "/contracts/{contract_id}/give-notice",
    response_model=ContractRead,
    dependencies=[needs("contracts:write")],
    responses=problems(NotFound, MoveNotAllowed, contracts.ContractEndsTooEarly),
)
def give_notice(contract_id: UUID, data: NoticeGiven, session: RequestSession) -> Any:
    """Note that notice was given; the contract ends after its days of notice."""
    return contracts.give_notice(session, contract_id, **data.model_dump())


@router.post(
    "/contracts/{contract_id}/end",
    response_model=ContractRead,
    dependencies=[needs("contracts:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def end_contract(contract_id: UUID, session: RequestSession) -> Any:
    """End a contract."""
    return contracts.end(session, contract_id)


@router.post(
    "/client-requests",
    status_code=201,
    response_model=PromiseRead,
    dependencies=[needs("requests:write")],
    responses=problems(NotFound, promises.OwnerMissing),
)
def create_client_request(data: PromiseCreate, session: RequestSession) -> Any:
    """Write down what a client owes us, by whom and until when."""
    return promises.create(session, ClientRequest, **data.model_dump())


@router.get(
    "/client-requests",
    response_model=Page[PromiseRead],
    dependencies=[needs("requests:read")],
    responses=problems(InvalidCursor),
)
def list_client_requests(page: Annotated[PromiseQuery, Query()], session: RequestSession) -> Any:
    """List what a client owes us, the earliest due first."""
    return promises.search(session, ClientRequest, page)


@router.get(
    "/client-requests/{client_request_id}",
    response_model=PromiseRead,
    dependencies=[needs("requests:read")],
    responses=problems(NotFound),
)
def get_client_request(client_request_id: UUID, session: RequestSession) -> Any:
    """Read what a client owes us."""
    return Lookup(ClientRequest, client_request_id)


@router.patch(
    "/client-requests/{client_request_id}",
    response_model=PromiseRead,
    dependencies=[needs("requests:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_client_request(
    client_request_id: UUID, data: PromiseUpdate, session: RequestSession
) -> Any:
    """Change what a client owes us, while it is open."""
    return promises.update(session, ClientRequest, client_request_id, **data.model_dump())


@router.post(
    "/client-requests/{client_request_id}/done",
    response_model=PromiseRead,
    dependencies=[needs("requests:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def settle_client_request(client_request_id: UUID, session: RequestSession) -> Any:
    """Settle what a client owes us."""
    return promises.settle(session, ClientRequest, client_request_id, PromiseStatus.done)


@router.post(
    "/client-requests/{client_request_id}/drop",
    response_model=PromiseRead,
    dependencies=[needs("requests:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def drop_client_request(client_request_id: UUID, data: PromiseDrop, session: RequestSession) -> Any:
    """Drop what a client owes us, and say why."""
    return promises.settle(
        session, ClientRequest, client_request_id, PromiseStatus.dropped, reason=data.reason
    )


@router.post(
    "/commitments",
    status_code=201,
    response_model=PromiseRead,
    dependencies=[needs("commitments:write")],
    responses=problems(NotFound, promises.OwnerMissing),
)
def create_commitment(data: PromiseCreate, session: RequestSession) -> Any:
    """Write down what we promised a client, by whom and until when."""
    return promises.create(session, Commitment, **data.model_dump())


@router.get(
    "/commitments",
    response_model=Page[PromiseRead],
    dependencies=[needs("commitments:read")],
    responses=problems(InvalidCursor),
)
def list_commitments(page: Annotated[PromiseQuery, Query()], session: RequestSession) -> Any:
    """List what we promised a client, the earliest due first."""
    return promises.search(session, Commitment, page)


@router.get(
    "/commitments/{commitment_id}",
    response_model=PromiseRead,
    dependencies=[needs("commitments:read")],
    responses=problems(NotFound),
)
def get_commitment(commitment_id: UUID, session: RequestSession) -> Any:
    """Read what we promised a client."""
    return Lookup(Commitment, commitment_id)


@router.patch(
    "/commitments/{commitment_id}",
    response_model=PromiseRead,
    dependencies=[needs("commitments:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def update_commitment(commitment_id: UUID, data: PromiseUpdate, session: RequestSession) -> Any:
    """Change what we promised a client, while it is open."""
    return promises.update(session, Commitment, commitment_id, **data.model_dump())


@router.post(
    "/commitments/{commitment_id}/done",
    response_model=PromiseRead,
    dependencies=[needs("commitments:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def settle_commitment(commitment_id: UUID, session: RequestSession) -> Any:
    """Settle what we promised a client."""
    return promises.settle(session, Commitment, commitment_id, PromiseStatus.done)


@router.post(
    "/commitments/{commitment_id}/drop",
    response_model=PromiseRead,
    dependencies=[needs("commitments:write")],
    responses=problems(NotFound, MoveNotAllowed),
)
def drop_commitment(commitment_id: UUID, data: PromiseDrop, session: RequestSession) -> Any:
    """Drop what we promised a client, and say why."""
    return promises.settle(
        session, Commitment, commitment_id, PromiseStatus.dropped, reason=data.reason
    )
