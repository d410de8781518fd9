#!/bin/sh
# Builds the gateway and the load, optimised, and runs the scenario `storm`; arguments go to it. See loadtest/README.md.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --package hookcast --package loadtest
exec target/release/loadtest storm "$@"
