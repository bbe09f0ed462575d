#!/bin/sh
# Everything that must be true besides the tests: format, lint, floors, types, dead code, builds, packages.
set -eu

# Installed already; the scripts that turbo starts need not look again.
export pnpm_config_verify_deps_before_run=false
export TURBO_TELEMETRY_DISABLED=1

step() {
  printf '\n== %s\n' "$1"
  shift
  "$@"
}

step "format" oxfmt --check
step "lint" oxlint --type-aware
step "floors" turbo boundaries
step "types" turbo run typecheck --output-logs=errors-only
step "types of the root" tsc --noEmit
step "dead code" knip
step "builds and packages" turbo run build check:package --output-logs=errors-only
