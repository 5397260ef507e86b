#!/bin/sh
# Stands in for the user's browser where there is no screen: the same program and flags, without a window, and with
# a port on which a test can press its keys. Without windows Chromium takes one address only, so the second one is
# left to the test.
for argument do
  shift
  case "$argument" in https://*) ;; *) set -- "$@" "$argument" ;; esac
done
exec "$PLAINSIGHT_TEST_BROWSER" --headless=new --remote-debugging-port=0 "$@"
