"""Counts up one item from several threads, as the tasks of state machines do; prints what is left of it.

Run by the cloud's interpreter with ``upstream`` or ``patched``.
"""

import sys
import threading

from infrastructure.local.emulator.table_lock import OperationLock, apply
from infrastructure.local.emulator.upstream import dynamodb

THREADS, UPDATES_EACH = 8, 150


def add() -> None:
    for _ in range(UPDATES_EACH):
        dynamodb._update_item(
            {
                "TableName": "counters",
                "Key": {"pk": {"S": "n"}},
                "UpdateExpression": "SET n = if_not_exists(n, :zero) + :one",
                "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}},
            }
        )


def main() -> None:
    if sys.argv[1] == "patched":
        apply(OperationLock(None))
    # threads take turns so often that a missing lock shows every time
    sys.setswitchinterval(1e-6)
    dynamodb._create_table(
        {
            "TableName": "counters",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        }
    )
    threads = [threading.Thread(target=add) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(dynamodb._tables["counters"]["items"]["n"]["__no_sort__"]["n"]["N"])


if __name__ == "__main__":
    main()
