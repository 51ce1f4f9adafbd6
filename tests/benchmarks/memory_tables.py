"""DynamoDB in memory, for benchmarks: the declared tables and indexes, conditions, transactions, and what each costs.

It stands where botocore's client does, under pynamodb, so that everything of ours runs as it is. It counts units as
DynamoDB does on demand: 1 KiB a write unit, 4 KiB a read unit, half for eventually consistent reads, double in
transactions, an index entry written again for each write that touches it, a refused write like a written one.

It does not show what time does to real tables: reads here never lag behind writes, and nothing is throttled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError
from tests.benchmarks.expressions import Bindings, Item, comparable, condition, update
from tests.support.tables import declared_tables

from sharemtc.storage import records

KEY = ("pk", "sk")


def size_bytes(item: Item) -> int:
    """How large DynamoDB counts an item: names and values."""
    total = 0
    for name, value in item.items():
        ((kind, held),) = value.items()
        if kind == "S":
            total += len(name) + len(held.encode())
        elif kind == "N":
            total += len(name) + len(held) // 2 + 2
        elif kind == "B":
            total += len(name) + len(held)
        elif kind in ("SS", "NS"):
            total += len(name) + 3 + sum(len(one) + 1 for one in held)
        else:
            total += len(name) + 1
    return total


def _units(size: int, unit: int) -> int:
    return max(1, -(-size // unit))


class Table:
    """Items by partition and sort key, and their entries in each index."""

    def __init__(self, declared: dict[str, Any]) -> None:
        self.partitions: dict[str, dict[str, Item]] = defaultdict(dict)
        self.indexes: dict[str, tuple[str, str]] = {}
        self.entries: dict[str, dict[str, dict[tuple[str, str], Item]]] = {}
        for index in declared.get("GlobalSecondaryIndexes", ()):
            names = {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
            self.indexes[index["IndexName"]] = names["HASH"], names["RANGE"]
            self.entries[index["IndexName"]] = defaultdict(dict)

    def get(self, pk: str, sk: str) -> Item | None:
        """The item under that key."""
        partition = self.partitions.get(pk)
        return None if partition is None else partition.get(sk)

    def put(self, pk: str, sk: str, item: Item | None) -> int:
        """Store or delete the item; the write units that its indexes take."""
        before, units = self.get(pk, sk), 0
        for name, keys in self.indexes.items():
            units += self._index(name, keys, before, item, (pk, sk))
        if item is None:
            self.partitions[pk].pop(sk, None)
        else:
            self.partitions[pk][sk] = item
        return units

    def _index(
        self, name: str, keys: tuple[str, str], before: Item | None, after: Item | None, key: tuple[str, str]
    ) -> int:
        old = before if before is not None and all(one in before for one in keys) else None
        new = after if after is not None and all(one in after for one in keys) else None
        if old == new:
            return 0
        units = 0
        moved = old is not None and new is not None and any(old[one] != new[one] for one in keys)
        if old is not None:
            del self.entries[name][old[keys[0]]["S"]][key]
            units += _units(size_bytes(old), 1024) if new is None or moved else 0
        if new is not None:
            self.entries[name][new[keys[0]]["S"]][key] = new
            units += _units(size_bytes(new), 1024)
        return units


class MemoryTables:
    """What botocore's client is to pynamodb. `writes` and `reads` count units by the label in force, `calls` calls."""

    _request_signer = None

    def __init__(self) -> None:
        self.tables = {declared["TableName"]: Table(declared) for declared in declared_tables()}
        self.label = ""
        self.writes: defaultdict[str, float] = defaultdict(float)
        self.reads: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Stand under every record of ours for the length of a `with` block."""
        records.forget_connections()
        records.connection()._client = self  # type: ignore[assignment]
        try:
            yield
        finally:
            records.forget_connections()

    def forget_counts(self) -> None:
        """Count anew."""
        self.writes.clear()
        self.reads.clear()
        self.calls.clear()

    def expire(self, now_s: int) -> int:
        """Delete what its time to live has ended; how many items."""
        gone = [
            (table, pk, sk)
            for table in self.tables.values()
            for pk, partition in table.partitions.items()
            for sk, item in partition.items()
            if "expires_at" in item and int(item["expires_at"]["N"]) <= now_s
        ]
        for table, pk, sk in gone:
            table.put(pk, sk, None)
            if not table.partitions[pk]:
                del table.partitions[pk]
        return len(gone)

    def _make_api_call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls[self.label, operation] += 1
        answer: dict[str, Any] = getattr(self, f"_{operation}")(arguments)
        return answer

    def _GetItem(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - DynamoDB's names
        item = self._read(arguments["TableName"], arguments["Key"], consistent=arguments.get("ConsistentRead", False))
        return {} if item is None else {"Item": item}

    def _BatchGetItem(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found: dict[str, list[Item]] = {}
        for table, wanted in arguments["RequestItems"].items():
            assert len(wanted["Keys"]) <= 100
            items = [self._read(table, key, consistent=wanted.get("ConsistentRead", False)) for key in wanted["Keys"]]
            found[table] = [item for item in items if item is not None]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _read(self, table: str, key: Item, *, consistent: bool) -> Item | None:
        item = self.tables[table].get(key["pk"]["S"], key["sk"]["S"])
        self.reads[self.label] += _units(size_bytes(item) if item else 0, 4096) * (1 if consistent else 0.5)
        return None if item is None else dict(item)

    def _Query(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        table, index = self.tables[arguments["TableName"]], arguments.get("IndexName")
        bound = arguments.get("ExpressionAttributeNames", {}), arguments["ExpressionAttributeValues"]
        hash_name, range_name = table.indexes[index] if index else KEY
        hash_value = self._hash_value(arguments["KeyConditionExpression"], hash_name, bound)
        if index:
            assert not arguments.get("ConsistentRead")
            partition = list(table.entries[index].get(hash_value, {}).values())
        else:
            partition = list(table.partitions.get(hash_value, {}).values())
        holds = condition(arguments["KeyConditionExpression"])
        found = [item for item in partition if holds(item, bound)]
        found.sort(key=lambda item: (comparable(item[range_name]), item["pk"]["S"], item["sk"]["S"]))
        if arguments.get("ScanIndexForward") is False:
            found.reverse()
        if "ExclusiveStartKey" in arguments:
            last = {name: arguments["ExclusiveStartKey"][name] for name in KEY}
            position = next(at for at, item in enumerate(found) if {name: item[name] for name in KEY} == last)
            found = found[position + 1 :]
        limit = arguments.get("Limit", len(found))
        following = found[limit - 1] if 0 < limit < len(found) else None
        page = found[:limit]
        units = _units(sum(size_bytes(item) for item in page), 4096) * (1 if arguments.get("ConsistentRead") else 0.5)
        self.reads[self.label] += units
        answer: dict[str, Any] = {"Items": [dict(item) for item in page], "Count": len(page), "ScannedCount": len(page)}
        if following is not None:
            names = {*KEY, hash_name, range_name}
            answer["LastEvaluatedKey"] = {name: following[name] for name in names}
        return answer

    @staticmethod
    def _hash_value(text: str, hash_name: str, bound: Bindings) -> str:
        for placeholder, name in bound[0].items():
            if name == hash_name:
                _, _, rest = text.partition(f"{placeholder} = ")
                return str(bound[1][rest.split()[0].rstrip(")")]["S"])
        raise NotImplementedError(text)

    def _PutItem(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._write("Put", arguments, factor=1)
        return {}

    def _UpdateItem(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        after = self._write("Update", arguments, factor=1)
        return {"Attributes": dict(after or {})}

    def _DeleteItem(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self._write("Delete", arguments, factor=1)
        return {}

    def _TransactWriteItems(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        writes = [next(iter(one.items())) for one in arguments["TransactItems"]]
        refused = [not self._holds(kind, write) for kind, write in writes]
        if any(refused):
            for _, write in writes:
                self._count(write, None, None, factor=2)
            reasons = [{"Code": "ConditionalCheckFailed" if one else "None"} for one in refused]
            error = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
            raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type]
        for kind, write in writes:
            self._write(kind, write, factor=2)
        return {}

    def _holds(self, kind: str, write: dict[str, Any]) -> bool:
        text = write.get("ConditionExpression")
        if text is None:
            return True
        bound = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        return condition(text)(self._present(kind, write) or {}, bound)

    def _present(self, kind: str, write: dict[str, Any]) -> Item | None:
        key = write["Item"] if kind == "Put" else write["Key"]
        return self.tables[write["TableName"]].get(key["pk"]["S"], key["sk"]["S"])

    def _write(self, kind: str, write: dict[str, Any], *, factor: int) -> Item | None:
        if not self._holds(kind, write):
            self._count(write, self._present(kind, write), None, factor=factor)
            error = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}}
            raise ClientError(error, kind)  # type: ignore[arg-type]
        before, after = self._present(kind, write), None
        key = write["Item"] if kind == "Put" else write["Key"]
        if kind == "ConditionCheck":
            self._count(write, before, None, factor=factor)
            return None
        if kind == "Put":
            after = dict(write["Item"])
        elif kind == "Update":
            after = self._updated(before, write)
        index_units = self.tables[write["TableName"]].put(key["pk"]["S"], key["sk"]["S"], after)
        self._count(write, before, after, factor=factor)
        self.writes[self.label] += index_units
        return after

    @staticmethod
    def _updated(before: Item | None, write: dict[str, Any]) -> Item:
        old = before or {}
        after = {**old, **write["Key"]}
        bound = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        for change in update(write["UpdateExpression"]):
            change(old, after, bound)
        assert all(after[name] == write["Key"][name] for name in KEY)
        return after

    def _count(self, write: dict[str, Any], before: Item | None, after: Item | None, *, factor: int) -> None:
        size = max(size_bytes(before) if before else 0, size_bytes(after) if after else 0)
        self.writes[self.label] += factor * _units(size, 1024)
