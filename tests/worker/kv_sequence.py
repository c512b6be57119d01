"""What an application in Python does with a namespace, through Cloudflare's official SDK. Prints what it saw as JSON."""

import json
import os
import sys

from cloudflare import APIStatusError, Cloudflare

base_url, account, namespace = sys.argv[1:4]
client = Cloudflare(base_url=base_url, api_token=os.environ["KV_TOKEN"], max_retries=0)
here = {"account_id": account, "namespace_id": namespace}
namespaces = client.kv.namespaces
key = "session:ü/1 %"


def error_of(call):
    try:
        call()
    except APIStatusError as error:
        return [error.status_code, error.body["errors"][0]["code"]]
    return None


seen = {}
seen["verify"] = client.accounts.tokens.verify(account_id=account).status
seen["namespace"] = namespaces.get(namespace, account_id=account).title
namespaces.values.update(key, value=b"a text", metadata=json.dumps({"user": 1}), expiration_ttl=3600, **here)
seen["value"] = namespaces.values.get(key, **here).text()
seen["metadata"] = namespaces.metadata.get(key, **here)
listed = list(namespaces.keys.list(namespace, account_id=account))
seen["listed"] = [[entry.name, entry.expiration is not None] for entry in listed]
namespaces.values.delete(key, **here)
seen["gone"] = error_of(lambda: namespaces.values.get(key, **here))
pairs = [{"key": f"k{number:02}", "value": str(number)} for number in range(25)]
written = namespaces.bulk_update(namespace, account_id=account, body=pairs)
seen["written"] = written.successful_key_count
seen["pages"] = [entry.name for entry in namespaces.keys.list(namespace, account_id=account, limit=10, prefix="k")]
seen["many"] = namespaces.bulk_get(namespace, account_id=account, keys=["k00", "k24", "none"]).values
seen["deleted"] = namespaces.bulk_delete(
    namespace, account_id=account, body=[pair["key"] for pair in pairs]
).successful_key_count
seen["left"] = [entry.name for entry in namespaces.keys.list(namespace, account_id=account)]
seen["too_short"] = error_of(lambda: namespaces.values.update(key, value=b"v", expiration_ttl=0, **here))
seen["elsewhere"] = error_of(lambda: namespaces.get("0" * 32, account_id=account))
stranger = client.with_options(api_token="y" * 40)
seen["stranger"] = error_of(lambda: stranger.kv.namespaces.values.get(key, **here))
print(json.dumps(seen))
