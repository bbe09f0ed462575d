#!/bin/sh
# Starts the server by the README's command in a fresh folder, posts a task, and stops it: what a newcomer does.
set -eu

folder=$(mktemp -d)
export DATA_DIR="$folder/data" PORT="${PORT:-3456}"
trap 'kill "$launcher" 2>/dev/null || true; cat "$folder/log"; rm -rf "$folder"' EXIT

npx --yes pnpm@12.16.1 start >"$folder/log" 2>&1 &
launcher=$!

waited=0
until curl -fsS "http://127.0.0.1:$PORT/health" >/dev/null 2>&1; do
  waited=$((waited + 1))
  [ "$waited" -lt 300 ] || { echo "The server did not answer within 300 s."; exit 1; }
  sleep 1
done

curl -fsS "http://127.0.0.1:$PORT/api/v1/tasks" \
  -H "Authorization: Bearer $(cat "$DATA_DIR/api-key")" -H "Content-Type: application/json" \
  -d '{"prompt":"hello"}'
echo
kill "$launcher"
wait "$launcher" || true
