"""Patch: a stack that is created again keeps the items of its tables.

The stack is deployed afresh at every start, so that no half-finished deployment survives; the tables are replayed from
the journal first. Upstream, creating a table replaces one of that name by an empty one, and rolling a stack back
deletes its tables. Here creation adopts the items of a table with that name and key, and a stack never deletes a table;
only DeleteTable does.
"""

from __future__ import annotations

from typing import Any

from infrastructure.local.emulator.durable_tables import TableJournal
from infrastructure.local.emulator.upstream import dynamodb, provisioners, require

Created = tuple[str, dict[str, Any]]


def apply(journal: TableJournal) -> None:
    require(provisioners, "_ddb_create", "_ddb_delete", "_RESOURCE_HANDLERS", "_physical_name")
    stock_create = provisioners._ddb_create

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
        name = properties.get("TableName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
        known = dynamodb._tables.get(name)
        created: Created = stock_create(logical_id, properties, stack_name)
        if known is not None:
            _adopt(known, dynamodb._tables[name])
        journal.note_table(dynamodb._tables[name])
        return created

    def keep(physical_id: str, properties: dict[str, Any]) -> None:
        del physical_id, properties

    provisioners._ddb_create, provisioners._ddb_delete = create, keep
    provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"].update(create=create, delete=keep)


def _adopt(known: dict[str, Any], table: dict[str, Any]) -> None:
    if (known["pk_name"], known["sk_name"]) != (table["pk_name"], table["sk_name"]):
        dynamodb._tables[known["TableName"]] = known
        raise ValueError(
            f"table {known['TableName']} holds items under the key {known['pk_name']}/{known['sk_name']} and the "
            f"template wants {table['pk_name']}/{table['sk_name']}: give the table another name"
        )
    table.update(items=known["items"], TableId=known["TableId"], CreationDateTime=known["CreationDateTime"])
    dynamodb._items_replaced(table)
