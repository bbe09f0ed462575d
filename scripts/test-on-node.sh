#!/bin/sh
# Runs the whole suite on another Node by path: `sh scripts/test-on-node.sh 22`, or with a binary:
# `NODE_BINARY=/usr/local/bin/node sh scripts/test-on-node.sh 22`. The first argument is the major that the suite
# asserts; the others go to vitest.
set -eu

major=$1
shift
binary=${NODE_BINARY:-}

if [ -z "$binary" ]; then
  folder="${TMPDIR:-/tmp}/agent-integrations-node-$major"
  binary="$folder/node_modules/node/bin/node"
  [ -x "$binary" ] || npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$folder" "node@$major"
fi

EXPECT_NODE_MAJOR=$major exec "$binary" node_modules/vitest/vitest.mjs run "$@"
