# The one list of verbs. A recipe is one line; more goes to xtask.
.PHONY: demo test check bench soak conformance dist gen clean help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: ## build all five languages, pass a million orders through them, print what went through (BOOTSTRAP=host:port uses a cluster)
	cargo run --quiet --locked -p xtask -- demo $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(ARGS)

test: ## set up what the tests need, then run every test
	cargo run --quiet --locked -p xtask -- test

check: ## formatting, lints, structure, licences
	cargo run --quiet --locked -p xtask -- check

conformance: ## every case x every driver x both brokers; the report is build/conformance/report.html (ARGS="--target ottla --driver rust --only 'groups.*'" narrows it)
	cargo run --quiet --locked -p xtask -- conformance $(ARGS)

bench: ## side by side with Apache Kafka, librdkafka, franz-go and the Java client; minutes
	cargo run --quiet --locked -p xtask -- bench $(ARGS)

soak: ## a program in each language for ten minutes, with clients that come and go: nothing lost, memory flat (ARGS="python c --minutes 2" narrows it)
	cargo run --quiet --locked -p xtask -- soak $(ARGS)

dist: ## packages of all languages in build/dist/, each tried in an empty environment (ARGS="--all" for x86-64 and arm64, glibc and musl)
	cargo run --quiet --locked -p xtask -- dist $(ARGS)

gen: ## write the reference pages in docs/ and the generated sources of the bindings from the tables in the code
	cargo run --quiet --locked -p xtask -- generate

clean: ## remove what builds and tests made
	rm -rf target build ottla-data
