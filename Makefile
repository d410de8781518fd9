# Two commands do all on a fresh machine; each installs what it needs, or prints the line to run.
#   make demo    build, start and show          make test    every test there is
#   make test-long  what takes too long for every change: vendors' packages, fuzzing
#   make cluster three nodes on Redis behind a balancer, with the demo's senders
CARGO   ?= cargo
DEMO    ?=
CLUSTER ?=

.PHONY: help demo cluster test test-long assets catalogue bench clean

help:
	@sed -n 's/^#   //p' Makefile

demo:
	@.ci/need build
	@$(CARGO) build --release --locked --workspace
	@exec target/release/hookcast demo $(DEMO)

cluster:
	@.ci/need build redis balancer
	@$(CARGO) build --release --locked --workspace
	@exec deploy/cluster $(CLUSTER)

test:
	@.ci/need build browser redis
	@exec .ci/test

test-long:
	@.ci/need build browser
	@exec .ci/test-long

# Writes gateway/assets/ anew from dashboard/; commit the result.
assets:
	@cd dashboard && npm ci --no-audit --no-fund && npm run build

# Writes docs/catalogue.md anew from the rows; commit the result.
catalogue:
	@$(CARGO) run -q -p hookcast -- providers --markdown > docs/catalogue.md.new && mv docs/catalogue.md.new docs/catalogue.md

# Every scenario of the load generator, each beside its floor in the same run.
bench:
	@$(CARGO) build --release --locked --workspace
	@for scenario in fanout ingest idle resume nodes; do target/release/loadtest $$scenario || exit 1; done

clean:
	$(CARGO) clean
	rm -rf dashboard/node_modules demo-data cluster-data
