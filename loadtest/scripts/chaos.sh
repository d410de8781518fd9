#!/bin/sh
# Every fault alone, then all mixed, each with two seeds; ends with 1 if any run was not clean. About 45 minutes; shorter:
#   SECONDS_EACH=10 SECONDS_MIXED=60 SEEDS=1 loadtest/scripts/chaos.sh
# Arguments go to every run. With FAULTS="a b" only these. See loadtest/README.md.
set -u
cd "$(dirname "$0")/../.."
seeds=${SEEDS:-"1 2"}
cargo build --quiet --release --package hookcast --package loadtest || exit 1
faults=${FAULTS:-$(target/release/loadtest chaos --list-faults | cut -d ' ' -f 1 | grep -v control)}
failed=0
for seed in $seeds; do
  for fault in $faults; do
    target/release/loadtest chaos --fault "$fault" --seconds "${SECONDS_EACH:-60}" --seed "$seed" "$@" 2>/dev/null || failed=1
  done
done
for seed in $seeds; do
  target/release/loadtest chaos --mixed --seconds "${SECONDS_MIXED:-600}" --seed "$seed" "$@" 2>/dev/null || failed=1
done
[ "$failed" = 0 ] && echo "all clean" || echo "NOT clean"
exit "$failed"
