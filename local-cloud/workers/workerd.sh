#!/bin/sh
# Starts workerd in place of this shell. Miniflare ends it in an orderly stop only; a small watcher ends it when the
# process that started it was killed. KVSHIFT_WORKERD: the binary.
[ "$PPID" -eq 1 ] && exit 1
self=$$
starter=$PPID
(
  # Miniflare waits for the end of these.
  exec 3>&- </dev/null >/dev/null 2>&1
  while kill -0 "$self" && kill -0 "$starter"; do sleep 0.3; done
  kill -9 "$self"
) &
exec "$KVSHIFT_WORKERD" "$@"
